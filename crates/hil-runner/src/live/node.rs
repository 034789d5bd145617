//! The node under test, where nobody said its address.

use std::fmt;

use hil_ldf::{Database, NodeAttributes};
use hil_lin::{DiagnosticSlots, FoundNode, Function, Identity, LinError, Nad, NodeScan, Reading, Supplier};
use hil_model::Clock;

use super::{Missing, look_up};
use crate::bench::transport_timing;

/// The first address of a node.
pub(crate) const FIRST_NAD: Nad = address(0x01);
/// The last address of a node.
pub(crate) const LAST_NAD: Nad = address(0x7D);

const fn address(nad: u8) -> Nad {
    match Nad::new(nad) {
        Ok(nad) => nad,
        Err(_) => panic!("it is no address of a node"),
    }
}

/// Why the node could not be looked for. This is a fault of the bench, not its absence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SearchError {
    /// The bus or the adapter failed.
    #[error("while {nad} was asked who it is")]
    Bus {
        /// The address that was asked.
        nad: Nad,
        /// What the adapter found out.
        source: LinError,
    },
    /// Several nodes answer under one address.
    #[error("several nodes answer under {nad}, or the bus is disturbed")]
    Collision {
        /// The address.
        nad: Nad,
        /// What the adapter found out.
        source: LinError,
    },
}

/// A search for the node under test.
pub(crate) struct NodeSearch<'a, S> {
    pub(crate) slots: S,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ldf: Option<&'a Database>,
    /// Called before each address; it unwinds when the search is to end.
    pub(crate) go_on: &'a dyn Fn(),
}

impl<S: DiagnosticSlots> NodeSearch<'_, S> {
    /// The first eligible node: one whose product is in the LDF, or any where the LDF has no product.
    pub(crate) fn run(self) -> Result<Result<FoundNode, Missing>, SearchError> {
        let Self { mut slots, clock, ldf, go_on } = self;
        let wanted = Wanted::of(ldf);
        let described: Vec<u8> =
            ldf.into_iter().flat_map(Database::slaves).filter_map(|slave| Some(slave.nad()?.get())).collect();
        let others = (FIRST_NAD.get()..=LAST_NAD.get()).filter(|nad| !described.contains(nad));
        let order: Vec<Nad> =
            described.iter().copied().chain(others).filter_map(|nad| Nad::new(nad).ok()).collect();
        let mut found = Vec::new();
        let candidates = order.into_iter().map(|nad| {
            go_on();
            let timing = ldf.map(|ldf| transport_timing(ldf, nad)).unwrap_or_default();
            let node = NodeScan::new(&mut slots, clock, timing).node(nad);
            let Some(node) = node.map_err(|source| SearchError::Bus { nad, source })? else {
                return Ok(None);
            };
            if let Reading::Disturbed(source) = node.product {
                return Err(SearchError::Collision { nad, source });
            }
            if wanted.is(&node) {
                return Ok(Some(node));
            }
            found.push(described_as(&node));
            Ok(None)
        });
        let missing = || Missing::Node { from: FIRST_NAD, to: LAST_NAD };
        let node = look_up(None, candidates, missing)?;
        Ok(match node {
            Err(_) if !found.is_empty() => Err(Missing::NodeIdentity { wanted: wanted.to_string(), found }),
            node => node,
        })
    }
}

fn described_as(node: &FoundNode) -> String {
    let product = match &node.product {
        Reading::Is(product) => product.to_string(),
        Reading::Silent | Reading::Refused(_) | Reading::Disturbed(_) | Reading::Strange(_) => {
            "does not tell its product".to_owned()
        }
    };
    format!("{} ({product})", node.nad)
}

/// The products that would do.
struct Wanted(Vec<Identity>);

impl Wanted {
    fn of(ldf: Option<&Database>) -> Self {
        let attributes = ldf.into_iter().flat_map(Database::slaves).filter_map(|slave| slave.attributes());
        let identity = |of: NodeAttributes<'_>| {
            let product = of.product_id()?;
            let (supplier, function) = (Supplier::new(product.supplier), Function::new(product.function));
            Some(Identity { supplier: supplier.ok()?, function: function.ok()? })
        };
        Self(attributes.filter_map(identity).collect())
    }

    fn is(&self, node: &FoundNode) -> bool {
        match &node.product {
            _ if self.0.is_empty() => true,
            Reading::Is(product) => self.0.contains(&product.identity()),
            Reading::Silent | Reading::Refused(_) | Reading::Disturbed(_) | Reading::Strange(_) => false,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> =
            self.0.iter().map(|of| format!("supplier {}, function {}", of.supplier, of.function)).collect();
        f.write_str(&shown.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use hil_sim::{Pace, SimClock};
    use rstest::rstest;

    /// A bus on which these addresses answer with this function of the supplier 0x0012.
    struct Bus {
        nodes: &'static [(u8, u16)],
        /// The address at which the bus fails.
        shorted: Option<u8>,
        asked: Vec<u8>,
        answer: Option<[u8; 8]>,
    }

    impl DiagnosticSlots for &mut Bus {
        fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
            let nad = frame[0];
            self.asked.push(nad);
            if self.shorted == Some(nad) {
                return Err(LinError::ShortedToGround);
            }
            let node = self.nodes.iter().find(|(of, _)| *of == nad).filter(|_| frame[3] == 0);
            self.answer = node.map(|(nad, function)| {
                let [low, high] = function.to_le_bytes();
                [*nad, 6, 0xF2, 0x12, 0x00, low, high, 1]
            });
            Ok(())
        }

        fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
            Ok(self.answer.take())
        }
    }

    fn ldf(product: &str) -> Database {
        let product = if product.is_empty() { String::new() } else { format!("product_id = {product};") };
        let text = format!(
            "LIN_description_file; LIN_protocol_version = \"2.1\"; LIN_language_version = \"2.1\"; LIN_speed = 19.2 kbps;
             Nodes {{ Master: M, 5 ms, 0.1 ms; Slaves: A; }}
             Signals {{ }} Frames {{ }}
             Node_attributes {{ A {{ LIN_protocol = \"2.1\"; configured_NAD = 0x05; {product} }} }} Schedule_tables {{ }}"
        );
        hil_ldf::parse(&text).unwrap().database
    }

    fn search(bus: &mut Bus, ldf: Option<&Database>) -> Result<Result<u8, Missing>, SearchError> {
        let clock: Arc<SimClock> = SimClock::new(Pace::Jump);
        let search = NodeSearch { slots: bus, clock: &*clock, ldf, go_on: &|| {} };
        search.run().map(|found| found.map(|node| node.nad.get()))
    }

    fn bus(nodes: &'static [(u8, u16)], shorted: Option<u8>) -> Bus {
        Bus { nodes, shorted, asked: Vec::new(), answer: None }
    }

    #[rstest]
    #[case::only_node(&[(0x21, 7)], None, Some(0x21))]
    #[case::first_of_two(&[(0x21, 7), (0x07, 7)], None, Some(0x07))]
    #[case::any_where_the_ldf_says_nothing(&[(0x21, 7)], Some(""), Some(0x21))]
    #[case::the_ldfs_by_its_product(&[(0x02, 7), (0x21, 9)], Some("0x0012, 9"), Some(0x21))]
    #[case::nobody(&[], None, None)]
    fn the_first_eligible_node_wins(
        #[case] nodes: &'static [(u8, u16)],
        #[case] product: Option<&str>,
        #[case] expected: Option<u8>,
    ) {
        let ldf = product.map(ldf);
        let found = search(&mut bus(nodes, None), ldf.as_ref()).unwrap();
        assert_eq!(found.ok(), expected);
    }

    #[test]
    fn the_ldfs_address_is_asked_first() {
        let mut bus = bus(&[(0x05, 7)], None);
        assert_eq!(search(&mut bus, Some(&ldf(""))).unwrap(), Ok(0x05));
        assert!(bus.asked.iter().all(|nad| *nad == 0x05), "{:?}", bus.asked);
    }

    #[test]
    fn what_is_missing_is_named() {
        let nobody = search(&mut bus(&[], None), None).unwrap().unwrap_err();
        assert_eq!(nobody.to_string(), "no node answered ReadByIdentifier for NAD 0x01–0x7D");
        let other = search(&mut bus(&[(0x21, 7)], None), Some(&ldf("0x0012, 9"))).unwrap().unwrap_err();
        assert_eq!(other.code(), "node-identity");
        assert!(other.to_string().contains("there are 0x21 ("), "{other}");
    }

    #[test]
    fn a_bus_error_while_looking_is_none_of_absence() {
        let error = search(&mut bus(&[(0x21, 7)], Some(0x09)), None).unwrap_err();
        assert!(matches!(&error, SearchError::Bus { nad, .. } if nad.get() == 0x09), "{error:?}");
    }
}
