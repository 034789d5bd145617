//! The door for stand-ins: what comes in, what comes out, and who cannot break it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use hil_lin::{Bitrate, ChecksumModel, Data, FrameId};
use hil_model::{Amps, BenchTime, Volts};
use hil_sim::{LineDoor, LiveBench, Node, Reaction};
use rstest::rstest;

/// A node that answers 0x11, and 0x12 with a classic checksum.
#[derive(Debug)]
struct Answering;

impl Node for Answering {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        let data = Data::new(&[1, 2]).unwrap();
        match id.get() {
            0x11 => Reaction::Respond { data, checksum: ChecksumModel::Enhanced },
            0x12 => Reaction::Respond { data, checksum: ChecksumModel::Classic },
            _ => Reaction::Ignore,
        }
    }
    fn on_frame(&mut self, _id: FrameId, _data: &Data, _now: BenchTime) {}
    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {}
    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {}
    fn on_dominant(&mut self, _now: BenchTime) {}
    fn on_tick(&mut self, _now: BenchTime, _rail: Volts) -> Amps {
        Amps::ZERO
    }
}

fn door() -> LineDoor {
    let nodes: Vec<Box<dyn Node>> = vec![Box::new(Answering)];
    let bench = LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), vec![], 1).unwrap();
    LineDoor::open(Arc::new(bench), (Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

fn client(door: &LineDoor) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(door.addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    BufReader::new(stream)
}

fn ask(client: &mut BufReader<TcpStream>, request: &str) -> String {
    writeln!(client.get_mut(), "{request}").unwrap();
    let mut answer = String::new();
    client.read_line(&mut answer).unwrap();
    answer.trim_end().to_owned()
}

#[rstest]
#[case::sent(r#"{"op":"send","id":10,"data":[1,2],"enhanced":true}"#, r#"{"ok":true}"#)]
#[case::received(
    r#"{"op":"receive","id":17,"length":2,"enhanced":true,"timeout_ms":100}"#,
    r#"{"data":[1,2]}"#
)]
#[case::silent(r#"{"op":"receive","id":19,"length":2,"enhanced":true,"timeout_ms":1}"#, r#"{"data":null}"#)]
#[case::woken(r#"{"op":"wake","micros":1000}"#, r#"{"ok":true}"#)]
#[case::powered(r#"{"op":"power","on":false}"#, r#"{"ok":true}"#)]
#[case::checksum(
    r#"{"op":"receive","id":18,"length":2,"enhanced":true,"timeout_ms":100}"#,
    r#"{"error":"checksum","text":"frame 0x12: checksum 0xfc instead of 0x6a (data 01 02)"}"#
)]
#[case::incomplete(
    r#"{"op":"receive","id":17,"length":4,"enhanced":true,"timeout_ms":100}"#,
    r#"{"error":"incomplete","text":"frame 0x11: the response broke off after 3 of 4 bytes (01 02 EB)"}"#
)]
#[case::no_frame(
    r#"{"op":"send","id":64,"data":[],"enhanced":true}"#,
    r#"{"error":"request","text":"frame id 0x40 is beyond 0x3f"}"#
)]
#[case::no_wake_up(
    r#"{"op":"wake","micros":10}"#,
    r#"{"error":"request","text":"a wake-up pulse of 10 µs is not in 250–5000 µs"}"#
)]
#[case::patience(
    r#"{"op":"receive","id":17,"length":2,"enhanced":true,"timeout_ms":5001}"#,
    r#"{"error":"request","text":"length is not in 1–8, or timeout_ms beyond 5000"}"#
)]
#[case::nonsense("\u{7}", r#"{"error":"request","text":"expected value at line 1 column 1"}"#)]
fn a_request_has_its_answer(#[case] request: &str, #[case] expected: &str) {
    let door = door();
    let mut client = client(&door);
    assert_eq!(ask(&mut client, request), expected);
    let power = ask(&mut client, r#"{"op":"power","on":true}"#);
    assert_eq!(power, r#"{"ok":true}"#, "the door is still open after that");
}

#[test]
fn a_line_without_end_is_hung_up_on_and_the_next_client_is_served() {
    let door = door();
    let mut flood = client(&door);
    // The door may hang up before it has read everything.
    let _ = flood.get_mut().write_all(&[b'x'; 8192]);
    let mut rest = String::new();
    while flood.read_line(&mut rest).is_ok_and(|count| count > 0) {}
    assert!(rest.is_empty() || rest.starts_with(r#"{"error":"request""#), "{rest}");
    assert_eq!(ask(&mut client(&door), r#"{"op":"power","on":true}"#), r#"{"ok":true}"#);
}

#[test]
fn clients_come_at_once_and_a_closed_door_sends_them_home() {
    let door = door();
    let mut clients = [client(&door), client(&door)];
    for client in &mut clients {
        assert_eq!(ask(client, r#"{"op":"power","on":true}"#), r#"{"ok":true}"#);
    }
    let half = client(&door);
    half.get_ref().shutdown(Shutdown::Write).unwrap();
    drop(door);
    for client in &mut clients {
        assert_eq!(client.read_line(&mut String::new()).unwrap_or(0), 0, "the connection is closed");
    }
}
