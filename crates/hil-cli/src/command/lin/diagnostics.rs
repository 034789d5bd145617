//! Requests to a node, and who is on the bus.

use hil_config::Interface;
use hil_lin::{
    Address, Bitrate, DirectSlots, FoundNode, HexBytes, Nad, NodeScan, Patience, Reading, Reply,
    TransportLayer, TransportTiming, exchange,
};
use hil_model::ExitStatus;
use hil_runner::{Desk, transport_timing};

use super::bus_error;
use crate::command::Wrong;
use crate::console::chain;

fn bitrate(interface: &Interface) -> anyhow::Result<Bitrate> {
    Bitrate::new(interface.bitrate).map_err(|error| Wrong::usage(chain(&error)))
}

/// The timers of the node with the address `nad`.
fn timing(desk: &Desk, nad: Nad) -> TransportTiming {
    desk.ldf().map_or_else(TransportTiming::default, |ldf| transport_timing(ldf, nad))
}

/// Sends a request and shows the answer.
pub(super) fn request(
    desk: &Desk,
    interface: &Interface,
    address: Option<Address>,
    request: &[u8],
) -> anyhow::Result<ExitStatus> {
    let address = match address {
        Some(address) => address,
        None => Address::Node(Nad::new(interface.nad).map_err(|error| Wrong::usage(chain(&error)))?),
    };
    let timing = match address {
        Address::Node(nad) => timing(desk, nad),
        Address::Functional | Address::Broadcast => TransportTiming::default(),
    };
    let clock = desk.clock();
    let mut master = desk.master();
    let slots = DirectSlots::new(&mut **master, bitrate(interface)?);
    let mut layer = TransportLayer::new(slots, &*clock, address, timing);
    anstream::println!("tx {address} {:#}", HexBytes(request));
    let reply = exchange(&mut layer, &*clock, request, Patience::of(&timing))
        .map_err(|error| Wrong::bench(chain(&error)))?;
    let sender = layer.sender().map_or_else(|| address.to_string(), |nad| nad.to_string());
    match reply {
        None => {
            anstream::println!("rx {address} no answer");
            Ok(ExitStatus::BenchFault)
        }
        Some(Reply::Positive(answer)) => {
            anstream::println!("rx {sender} {:#}", HexBytes(&answer));
            Ok(ExitStatus::Passed)
        }
        Some(Reply::Negative(response)) => {
            anstream::println!("rx {sender} 7F {:02X} {:02X}  {response}", response.service, response.code);
            Ok(ExitStatus::Failed)
        }
    }
}

/// Asks every address from `from` to `to` who is there, and then everybody at once.
pub(super) fn scan(desk: &Desk, interface: &Interface, from: Nad, to: Nad) -> anyhow::Result<ExitStatus> {
    let asked: Vec<(Nad, TransportTiming)> = (from.get()..=to.get())
        .filter_map(|nad| Nad::new(nad).ok())
        .map(|nad| (nad, timing(desk, nad)))
        .collect();
    if asked.is_empty() {
        return Err(Wrong::usage(format!("no address lies between {from} and {to}")));
    }
    let clock = desk.clock();
    let mut master = desk.master();
    let mut slots = DirectSlots::new(&mut **master, bitrate(interface)?);
    let mut answered = 0;
    for (nad, timing) in &asked {
        let found = NodeScan::new(&mut slots, &*clock, *timing).node(*nad);
        if let Some(found) = found.map_err(|error| bus_error(&error))? {
            answered += 1;
            anstream::println!("{}", line(&found));
        }
    }
    let everyone = NodeScan::new(&mut slots, &*clock, TransportTiming::default()).everyone();
    let everyone = everyone.map_err(|error| bus_error(&error))?;
    let any = answered > 0 || everyone != Reading::Silent;
    anstream::println!(
        "broadcast: {}",
        match everyone {
            Reading::Is(answer) => format!("{} alone answers: {}", answer.from, answer.content),
            Reading::Disturbed(_) => "several nodes answer at once".to_owned(),
            Reading::Silent => "nobody answers".to_owned(),
            Reading::Refused(response) => response.to_string(),
            Reading::Strange(error) => chain(&error),
        }
    );
    anstream::println!("{answered} of {} addresses answered", asked.len());
    Ok(if any { ExitStatus::Passed } else { ExitStatus::BenchFault })
}

/// What a node is, in one line.
fn line(found: &FoundNode) -> String {
    let FoundNode { nad, product, serial } = found;
    let (product, serial) = (described(product), described(serial));
    let collision = if found.collides() { "  COLLISION: several nodes have this address" } else { "" };
    format!("{nad}  {product}  serial {serial}{collision}")
}

fn described<T: std::fmt::Display>(reading: &Reading<T>) -> String {
    match reading {
        Reading::Is(content) => content.to_string(),
        Reading::Silent => "not told".to_owned(),
        Reading::Refused(response) => format!("refused ({:#04x})", response.code),
        Reading::Disturbed(error) => chain(error),
        Reading::Strange(error) => chain(error),
    }
}
