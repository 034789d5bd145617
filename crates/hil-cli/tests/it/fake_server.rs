//! A server that misbehaves on purpose.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// What it does with every request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// It answers with this status, this text and the key that it got.
    Refuses(u16, &'static str),
    /// It takes runs, and has none of them.
    Forgets,
    /// It begins an answer, and sends a byte of it now and then, for a minute.
    Drips,
}

/// Starts one; it lives as long as the tests. Its URL.
pub(crate) fn start(manner: Manner) -> String {
    told(manner).1
}

/// The same, and what is told of each connection.
pub(crate) fn told(manner: Manner) -> (Receiver<()>, String) {
    let (tell, told) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Few care.
            let _ = tell.send(());
            thread::spawn(move || {
                // A client that is gone has got what it wanted.
                let _ = serve(stream, manner);
            });
        }
    });
    (told, url)
}

/// A URL at which nobody listens.
pub(crate) fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(mut stream: TcpStream, manner: Manner) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut length, mut key, mut waits) = (0, String::new(), false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => key = value.trim_start_matches("Bearer ").to_owned(),
            "expect" => waits = true,
            _ => {}
        }
    }
    let (method, id) = (
        request.split(' ').next().unwrap_or_default(),
        request.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default(),
    );
    if waits {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    let (status, body) = match manner {
        Manner::Drips => return drip(&mut stream),
        Manner::Refuses(status, text) => (status, format!("{text} {key}")),
        Manner::Forgets if method == "PUT" => (200, format!("{{\"id\": \"{id}\"}}")),
        Manner::Forgets => (404, "{\"error\": {\"message\": \"there is no such run\"}}".to_owned()),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} So\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Each byte comes before anybody who waits for one byte loses patience.
fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 So\r\nContent-Length: 1000\r\n\r\n")?;
    for _ in 0..240 {
        stream.write_all(b" ")?;
        pause();
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "another process is kept waiting, which has no clock of ours")]
fn pause() {
    thread::sleep(Duration::from_millis(250));
}
