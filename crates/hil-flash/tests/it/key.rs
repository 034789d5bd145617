//! Keys from a program of the user's.

use std::time::Duration;

use hil_flash::{KeyCommand, KeyError, KeyFunction, ProcessError, SecurityLevel};
use rstest::rstest;

fn key(script: &str, timeout: Duration) -> Result<Vec<u8>, KeyError> {
    let words = ["sh", "-c", script, "sh"].map(str::to_owned).to_vec();
    KeyCommand::new(words, timeout).key(SecurityLevel::new(1).unwrap(), &[0x12, 0xAB])
}

#[rstest]
#[case::plain("echo \"$1\"", &[0x12, 0xAB])]
#[case::prefix("printf 0xdeadBEEF", &[0xDE, 0xAD, 0xBE, 0xEF])]
#[case::blanks("echo ' 01 02'; echo 03", &[1, 2, 3])]
fn keys(#[case] script: &str, #[case] expected: &[u8]) {
    assert_eq!(key(script, Duration::from_secs(60)).unwrap(), expected);
}

#[rstest]
#[case::half_a_byte("echo 123")]
#[case::words("echo no key")]
#[case::a_sign("echo +1")]
#[case::flood("head -c 100000 /dev/zero")]
fn what_is_no_key(#[case] script: &str) {
    let error = key(script, Duration::from_secs(60)).unwrap_err();
    assert!(matches!(error, KeyError::NotHex { .. }), "{error:?}");
}

#[test]
fn a_key_does_not_appear_in_errors_but_complaints_do() {
    let error = key("echo C0FFEE; echo 'no licence' >&2; exit 1", Duration::from_secs(60)).unwrap_err();
    let text = hil_model::chain(&error);
    assert!(text.contains("no licence") && !text.contains("C0FFEE"), "{text}");
}

#[test]
fn a_key_command_without_end_is_ended() {
    let error = key("sleep 600", Duration::from_millis(200)).unwrap_err();
    assert!(matches!(error, KeyError::Command(ProcessError::TimedOut { .. })), "{error:?}");
}

#[rstest]
#[case(0x00, false)]
#[case(0x01, true)]
#[case(0x02, false)]
#[case(0x41, true)]
#[case(0x43, false)]
fn levels(#[case] sub_function: u8, #[case] exists: bool) {
    let level = SecurityLevel::new(sub_function);
    assert_eq!(level.map(|level| level.send_key()), exists.then_some(sub_function + 1));
}
