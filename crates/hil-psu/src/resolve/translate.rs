//! The same port under the other system's name.

/// `COM7` as `/dev/ttyS6` and the other way round; `None` for other names.
pub fn translated(port: &str) -> Option<String> {
    let upper = port.to_ascii_uppercase();
    if let Some(number) = upper.strip_prefix("COM") {
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        return Some(format!("/dev/ttyS{}", number - 1));
    }
    let number: u32 = port.strip_prefix("/dev/ttyS")?.parse().ok()?;
    Some(format!("COM{}", number.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::translated;
    use rstest::rstest;

    #[rstest]
    #[case("COM7", Some("/dev/ttyS6"))]
    #[case("com1", Some("/dev/ttyS0"))]
    #[case("/dev/ttyS6", Some("COM7"))]
    #[case("COM0", None)]
    #[case("/dev/ttyUSB0", None)]
    #[case("COMx", None)]
    #[case("/dev/ttyS4294967295", None)]
    fn ports_have_another_name_elsewhere(#[case] port: &str, #[case] other: Option<&str>) {
        assert_eq!(translated(port).as_deref(), other);
    }
}
