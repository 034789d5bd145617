//! The ports among which a supply is looked for.

use std::path::PathBuf;

use hil_psu::PortEnumerator;

/// All ports but one: the LIN adapter's, which must not be asked whether it is a supply.
#[derive(Debug)]
pub(crate) struct Except<'a, P> {
    pub(crate) ports: P,
    pub(crate) not: Option<&'a str>,
}

impl<P> Except<'_, P> {
    fn without(&self, ports: Vec<String>) -> Vec<String> {
        // A device may have several names.
        let device = |port: &str| std::fs::canonicalize(port).unwrap_or_else(|_| PathBuf::from(port));
        let Some(not) = self.not.map(device) else { return ports };
        ports.into_iter().filter(|port| device(port) != not).collect()
    }
}

impl<P: PortEnumerator> PortEnumerator for Except<'_, P> {
    fn usb(&self) -> Vec<String> {
        self.without(self.ports.usb())
    }

    fn all(&self) -> Vec<String> {
        self.without(self.ports.all())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two;

    impl PortEnumerator for Two {
        fn usb(&self) -> Vec<String> {
            vec!["/dev/none-0".to_owned(), "/dev/none-1".to_owned()]
        }

        fn all(&self) -> Vec<String> {
            self.usb()
        }
    }

    #[test]
    fn the_adapters_port_is_left_alone() {
        let left = Except { ports: Two, not: Some("/dev/none-0") };
        assert_eq!(
            (left.usb(), left.all()),
            (vec!["/dev/none-1".to_owned()], vec!["/dev/none-1".to_owned()])
        );
        assert_eq!(Except { ports: Two, not: None }.usb().len(), 2);
    }
}
