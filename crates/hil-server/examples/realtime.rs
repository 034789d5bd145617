//! Both ends of `just bench-realtime`: a server that publishes as it is told on standard input, and the clients that
//! tell it on standard output. They are two processes, so that what the server costs can be seen.
//!
//! `realtime serve` prints its address and a key. A line `paced RATE COUNT` publishes so many messages at that rate, a
//! line `upto N` as fast as it can until there are N of them.
//! `realtime load ADDRESS KEY PID CLIENTS STALLED paced|flat SECONDS` prints what it measured on standard error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::cell::RefCell;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hil_realtime::{Frame, Hub, JobId, Message};
use hil_server::{Server, ServerOptions};
use hil_store::{KeyOwner, Role, Store, StoreOptions};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(),
        ["load", address, key, pid, clients, stalled, mode, seconds] => {
            let load = Load {
                address: address.parse().unwrap(),
                key: key.to_owned(),
                pid: pid.to_owned(),
                clients: clients.parse().unwrap(),
                stalled: stalled.parse().unwrap(),
                is_paced: mode == "paced",
                seconds: seconds.parse().unwrap(),
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, load.run());
        }
        _ => eprintln!(
            "usage: realtime serve | realtime load ADDRESS KEY PID CLIENTS STALLED paced|flat SECONDS"
        ),
    }
}

/// The time of day in nanoseconds, the same in both processes.
fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}

fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("runs.sqlite").display().to_string();
        let store = Arc::new(Store::open(&url, StoreOptions::default()).await.unwrap());
        let user = store.ensure_user("ada@example.com".parse().unwrap(), None, Role::Admin).await.unwrap();
        let (_, key) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
        let options = ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = Server::bind(Arc::clone(&store), options).await.unwrap();
        println!("{} {}", server.local_addr(), key.reveal());
        let (ended, end) = tokio::sync::oneshot::channel();
        let hub = server.hub().clone();
        thread::spawn(move || {
            publish(&hub);
            ended.send(()).unwrap();
        });
        server.run(async { end.await.unwrap() }).await;
        store.close().await;
    });
}

/// Publishes as it is told, until nobody tells anything more.
fn publish(hub: &Hub) {
    let job = JobId::new();
    let mut count = 0;
    let mut say = || {
        count += 1;
        let data =
            Map::from_iter([("n".to_owned(), Value::from(count)), ("t_ns".to_owned(), Value::from(now()))]);
        let frame = Frame {
            frame_id: "sim-0".to_owned(),
            plugin: "sim".parse().unwrap(),
            data,
            device_used: "sim".to_owned(),
            timing_ms: 0.125,
        };
        hub.publish(&Message::of(&job, frame));
        count
    };
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["paced", rate, total] => {
                let (rate, total): (u32, u32) = (rate.parse().unwrap(), total.parse().unwrap());
                let begun = Instant::now();
                for number in 0..total {
                    let due = begun + Duration::from_secs(1) * number / rate;
                    while let Some(left) = due.checked_duration_since(Instant::now()) {
                        thread::park_timeout(left);
                    }
                    say();
                }
            }
            ["upto", last] => {
                let last: u64 = last.parse().unwrap();
                while say() < last {}
            }
            _ => panic!("{line}"),
        }
    }
}

struct Load {
    address: SocketAddr,
    key: String,
    pid: String,
    clients: usize,
    stalled: usize,
    is_paced: bool,
    seconds: u32,
}

/// How many messages are published each second.
const RATE: u32 = 1000;
/// How many messages may be on their way when it is to go as fast as it can.
const IN_FLIGHT: u64 = 64;

/// What all clients have seen.
struct Seen {
    received: Vec<u64>,
    gaps: u64,
    /// How many messages took so many microseconds.
    took: Vec<u64>,
    allowed: u64,
    is_over: bool,
}

impl Load {
    async fn run(self) {
        let received = vec![0; self.clients];
        let seen = Seen { received, gaps: 0, took: vec![0; 5_000_001], allowed: 0, is_over: false };
        let seen = Rc::new(RefCell::new(seen));
        let mut stalled = Vec::new();
        for _ in 0..self.stalled {
            stalled.push(self.connect().await);
        }
        let mut clients = Vec::new();
        for number in 0..self.clients {
            let stream = self.connect().await;
            clients.push(tokio::task::spawn_local(watch(stream, number, self.is_paced, Rc::clone(&seen))));
        }
        // Everybody has its place when the answers are there.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (cpu, begun) = (self.cpu(), Instant::now());
        let wanted = u64::from(RATE * self.seconds);
        if self.is_paced {
            order(&format!("paced {RATE} {wanted}"));
            let late = begun + Duration::from_secs(u64::from(self.seconds) + 10);
            while seen.borrow().received.iter().any(|count| *count < wanted) && Instant::now() < late {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        } else {
            seen.borrow_mut().allowed = IN_FLIGHT;
            order(&format!("upto {IN_FLIGHT}"));
            tokio::time::sleep(Duration::from_secs(u64::from(self.seconds))).await;
        }
        let mut seen = seen.borrow_mut();
        seen.is_over = true;
        let (elapsed, cpu) = (begun.elapsed().as_secs_f64(), self.cpu() - cpu);
        let delivered: u64 = seen.received.iter().sum();
        let per = |amount: f64| {
            if delivered == 0 { 0.0 } else { amount / f64::from(u32::try_from(delivered).unwrap()) }
        };
        let quantile = |share: u64| {
            let (mut before, wanted) = (0, (delivered * share).div_ceil(100));
            let at = seen.took.iter().position(|count| {
                before += count;
                before >= wanted
            });
            f64::from(u32::try_from(at.unwrap_or_default()).unwrap()) / 1000.0
        };
        let missing =
            if self.is_paced { wanted * u64::try_from(self.clients).unwrap() - delivered } else { 0 };
        eprintln!(
            "{}",
            json!({
                "deliveries_per_s": f64::from(u32::try_from(delivered).unwrap()) / elapsed,
                "p50_ms": quantile(50), "p95_ms": quantile(95), "p99_ms": quantile(99),
                "cpu_us_per_delivery": per(cpu * 1e6), "rss_kb": self.rss(), "missing": missing, "gaps": seen.gaps,
            })
        );
        for client in clients {
            client.abort();
        }
        drop(stalled);
    }

    /// A connection after its handshake.
    async fn connect(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET /v1/realtime?types=frame HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.address, self.key
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        stream
    }

    /// The server's processor time in seconds; a tick is a hundredth of one.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
    }

    /// The server's memory in KiB.
    fn rss(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// Tells the server what to publish.
fn order(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// Reads everything, as cheaply as can be.
async fn watch(mut stream: TcpStream, number: usize, is_paced: bool, seen: Rc<RefCell<Seen>>) {
    let (mut buffer, mut filled) = (vec![0; 256 << 10], 0);
    loop {
        let Ok(count @ 1..) = stream.read(&mut buffer[filled..]).await else { return };
        filled += count;
        let (arrived, mut seen) = (now(), seen.borrow_mut());
        if seen.is_over {
            return;
        }
        let mut start = 0;
        while let Some((from, to)) = frame(&buffer[start..filled]) {
            let message = &buffer[start + from..start + to];
            start += to;
            if let Some(said) = said_at(message) {
                seen.received[number] += 1;
                let took = usize::try_from(arrived.saturating_sub(said) / 1000).unwrap_or(usize::MAX);
                let most = seen.took.len() - 1;
                seen.took[took.min(most)] += 1;
            } else if message.starts_with(b"{\"type\":\"gap\"") {
                seen.gaps += 1;
            }
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        // Before the first order not everybody is here.
        if !is_paced && seen.allowed > 0 {
            let slowest = seen.received.iter().min().copied().unwrap_or_default();
            if slowest + IN_FLIGHT >= seen.allowed + IN_FLIGHT / 4 {
                seen.allowed = slowest + IN_FLIGHT;
                order(&format!("upto {}", seen.allowed));
            }
        }
    }
}

/// Where the payload of the first frame is, if all of it is there.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (from, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        length => (2, usize::from(length)),
    };
    (bytes.len() >= from + length).then_some((from, from + length))
}

/// When a message was published.
fn said_at(message: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"t_ns\":";
    let at = message.windows(NAME.len()).rposition(|window| window == NAME)? + NAME.len();
    let digits = message[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}
