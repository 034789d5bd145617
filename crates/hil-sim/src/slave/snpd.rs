//! Auto addressing by position in the chain, BSM-SNPD (hardware reference 1.8).

/// The method that this is, in the request.
const BUS_SHUNT: u8 = 0x02;

/// What a step means for the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    None,
    /// It takes this address.
    Take(u8),
    /// It stores what it has.
    Store,
}

/// Where the node is in an addressing of the whole chain.
#[derive(Debug)]
pub(super) struct Snpd {
    /// How many nodes stand behind this one: they get their addresses first.
    behind: u8,
    /// How many addresses were handed out, while an addressing goes on.
    handed_out: Option<u8>,
}

impl Snpd {
    pub(super) const fn new(behind: u8) -> Self {
        Self { behind, handed_out: None }
    }

    /// The unit starts.
    pub(super) const fn reset(&mut self) {
        self.handed_out = None;
    }

    /// Takes `sub, method, nad` of a request. Nothing is answered: all nodes do this at once.
    pub(super) fn step(&mut self, arguments: [u8; 3]) -> Step {
        let [sub, BUS_SHUNT, nad] = arguments else { return Step::None };
        match (sub, self.handed_out) {
            (0x01, _) => {
                self.handed_out = Some(0);
                Step::None
            }
            (0x02, Some(handed_out)) => {
                self.handed_out = Some(handed_out.saturating_add(1));
                if handed_out == self.behind { Step::Take(nad) } else { Step::None }
            }
            (0x03, Some(_)) => Step::Store,
            (0x04, _) => {
                self.handed_out = None;
                Step::None
            }
            _ => Step::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(behind: u8) -> Vec<Step> {
        let mut snpd = Snpd::new(behind);
        let addressing = [(2, 9), (1, 0xFF), (2, 5), (2, 6), (3, 0xFF), (4, 0xFF), (2, 7), (3, 0xFF)];
        addressing.map(|(sub, nad)| snpd.step([sub, 2, nad])).to_vec()
    }

    #[test]
    fn a_lone_node_takes_the_first_address_and_only_while_an_addressing_goes_on() {
        let (none, store) = (Step::None, Step::Store);
        assert_eq!(steps(0), [none, none, Step::Take(5), none, store, none, none, none]);
        assert_eq!(steps(1), [none, none, none, Step::Take(6), store, none, none, none]);
    }
}
