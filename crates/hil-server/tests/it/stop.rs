//! The end of a server.

use std::time::Duration;

use hil_store::StoreOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::database::Sqlite;
use crate::lab::Lab;

/// A connection on which half of an upload has been sent.
async fn half_sent(lab: &Lab, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(lab.address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..500 {
        if lab.files() == 1 {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the upload does not begin");
}

#[tokio::test]
async fn what_is_under_way_is_finished() {
    let mut lab = Lab::sqlite().await;
    let (id, path) = lab.announce("a").await;
    let mut stream = half_sent(&lab, &path).await;
    let idle = TcpStream::connect(lab.address).await.unwrap();
    let stopped = lab.stop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!stopped.is_finished());
    assert!(TcpStream::connect(lab.address).await.is_err(), "nobody new is taken");
    stream.write_all(b"world").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
    assert_eq!(lab.store.upload(id.parse().unwrap()).await.unwrap().size, Some(10));
    drop(idle);
}

#[tokio::test]
async fn what_does_not_end_is_cut_and_leaves_nothing() {
    let change =
        |options: &mut hil_server::ServerOptions| options.patience.drain = Duration::from_millis(300);
    let mut lab = Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap();
    let (_, path) = lab.announce("a").await;
    let stream = half_sent(&lab, &path).await;
    tokio::time::timeout(Duration::from_secs(5), lab.stop()).await.unwrap().unwrap();
    assert_eq!(lab.files(), 0);
    drop(stream);
}
