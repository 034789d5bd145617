//! What clients are told: all that is there, at once, in order, and never faster than they read.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use hil_realtime::{Metadata, Notice, Piece, Ping, Subscription, TooSlow};
use tokio::net::TcpStream;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::clients::{Client, Realtime};
use super::ending::End;
use super::wire;

/// How much is taken at once: a ping waits behind no more than this.
const BATCH: usize = 256 << 10;
/// How large a buffer is kept while there is nothing to say.
const KEPT: usize = 16 << 10;

/// Writes to one client.
pub(super) struct Writer<'a> {
    stream: &'a TcpStream,
    realtime: &'a Realtime,
    client: &'a Client,
    subscription: Subscription,
    /// What comes before the stream; nothing once the first ping has followed it.
    prelude: Option<VecDeque<Bytes>>,
    pieces: Vec<Piece>,
    /// What is on its way, and how much of it the socket has taken.
    out: Vec<u8>,
    taken: usize,
    /// When the socket last took something, or was last offered something new.
    moved: Instant,
    next_ping: Instant,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        stream: &'a TcpStream,
        realtime: &'a Realtime,
        client: &'a Client,
        plugins: &[Metadata],
        mut subscription: Subscription,
    ) -> Self {
        let hub = &realtime.hub;
        let first = plugins.iter().map(|plugin| hub.encode(&Notice::Metadata(plugin)));
        let prelude = first.chain(subscription.prelude()).collect();
        let now = Instant::now();
        Self {
            stream,
            realtime,
            client,
            subscription,
            prelude: Some(prelude),
            pieces: Vec::new(),
            out: Vec::new(),
            taken: 0,
            moved: now,
            next_ping: now + realtime.options.until_ping(),
        }
    }

    /// What has been begun and not been taken.
    pub(super) fn rest(&self) -> &[u8] {
        &self.out[self.taken..]
    }

    /// Writes until there is a reason to end.
    pub(super) async fn write(&mut self) -> End {
        let mut timer = pin!(sleep_until(self.next_ping));
        loop {
            // A client that reads as fast as we write must not keep the others waiting.
            consume_budget().await;
            let now = Instant::now();
            if let Some(end) = self.client.lane.ended() {
                return end;
            }
            let silent = self.client.pulse.heard() + self.realtime.options.pong_timeout;
            if silent <= now {
                // Its pong may be here already, after we slept ourselves: the reader looks first.
                yield_now().await;
                if self.client.pulse.heard() + self.realtime.options.pong_timeout <= now {
                    return End::Silent;
                }
                continue;
            }
            if self.rest().is_empty()
                && let Err(TooSlow) = self.fill(now)
            {
                return End::TooSlow;
            }
            let is_idle = self.rest().is_empty();
            if !is_idle {
                match self.stream.try_write(&self.out[self.taken..]) {
                    Ok(0) => return End::Gone,
                    Ok(count) => {
                        self.taken += count;
                        self.moved = now;
                        continue;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => return End::Gone,
                }
                if self.moved + self.realtime.options.write_deadline <= now {
                    return End::Stuck;
                }
            }
            let due =
                if is_idle { self.next_ping } else { self.moved + self.realtime.options.write_deadline };
            let due = due.min(silent);
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            tokio::select! {
                biased;
                () = self.client.lane.news() => {}
                () = timer.as_mut() => {}
                () = self.subscription.news(), if is_idle => {}
                writable = self.stream.writable(), if !is_idle => {
                    if writable.is_err() {
                        return End::Gone;
                    }
                }
                () = self.subscription.overflow(), if !is_idle => return End::TooSlow,
            }
        }
    }

    /// Takes what is to be said next: the lane first, then what comes before the stream, then the stream.
    fn fill(&mut self, now: Instant) -> Result<(), TooSlow> {
        self.out.clear();
        self.taken = 0;
        self.moved = now;
        self.client.lane.drain(&mut self.out);
        if self.next_ping <= now {
            self.ping(now);
        }
        match &mut self.prelude {
            Some(prelude) => {
                while self.out.len() < BATCH
                    && let Some(message) = prelude.pop_front()
                {
                    wire::text(&mut self.out, &message);
                }
                if prelude.is_empty() {
                    self.prelude = None;
                    self.ping(now);
                }
            }
            None => self.take()?,
        }
        if self.out.is_empty() && self.out.capacity() > KEPT {
            self.out = Vec::new();
            self.pieces = Vec::new();
        }
        Ok(())
    }

    fn take(&mut self) -> Result<(), TooSlow> {
        self.subscription.take(BATCH, &mut self.pieces)?;
        for piece in self.pieces.drain(..) {
            match piece {
                Piece::Message(message) => wire::text(&mut self.out, &message.bytes),
                Piece::Gap(gap) => wire::text(&mut self.out, &self.realtime.hub.encode(&Notice::Gap(&gap))),
            }
        }
        Ok(())
    }

    fn ping(&mut self, now: Instant) {
        let interval: Duration = self.realtime.options.ping_interval;
        let ping = Ping { interval_seconds: Some(interval.as_secs_f64()) };
        wire::text(&mut self.out, &self.realtime.hub.encode(&Notice::Ping(ping)));
        self.client.pulse.ask(now);
        self.next_ping = now + self.realtime.options.until_ping();
    }
}
