//! Each record type, and each way in which a file can be wrong.

use hil_flash::{Image, MemoryMap, MemoryRange};
use rstest::rstest;

use crate::writer::{hex, s};

/// What a text contains: addresses and bytes, or the error.
fn read(text: impl AsRef<[u8]>) -> String {
    match Image::parse(text.as_ref()) {
        Ok(image) => {
            let show =
                |segment: &hil_flash::Segment| format!("{:x}: {:02x?}", segment.address(), segment.data());
            image.segments().iter().map(show).collect::<Vec<_>>().join("; ")
        }
        Err(error) => error.to_string(),
    }
}

/// Lines of a file.
fn file(lines: &[&str]) -> String {
    lines.join("\n")
}

const END: &str = ":00000001FF";

#[rstest]
#[case::data(file(&[&hex(0, 0x5800, &[1, 2, 3]), END]), "5800: [01, 02, 03]")]
#[case::records_that_touch(file(&[&hex(0, 0x10, &[1, 2]), &hex(0, 0x12, &[3]), END]), "10: [01, 02, 03]")]
#[case::descending(file(&[&hex(0, 0x12, &[3]), &hex(0, 0x10, &[1, 2]), END]), "10: [01, 02, 03]")]
#[case::a_gap(file(&[&hex(0, 0x10, &[1]), &hex(0, 0x12, &[3]), END]), "10: [01]; 12: [03]")]
#[case::no_data_in_a_record(file(&[&hex(0, 0x10, &[]), &hex(0, 0x10, &[1]), END]), "10: [01]")]
#[case::segment(file(&[&hex(2, 0, &[0x12, 0x34]), &hex(0, 0x10, &[1]), END]), "12350: [01]")]
#[case::linear(file(&[&hex(4, 0, &[0x80, 0]), &hex(0, 0xFFFF, &[1, 2]), END]), "8000ffff: [01, 02]")]
#[case::last_address(file(&[&hex(4, 0, &[0xFF, 0xFF]), &hex(0, 0xFFFF, &[1]), END]), "ffffffff: [01]")]
#[case::starts(file(&[&hex(3, 0, &[0; 4]), &hex(5, 0, &[0; 4]), &hex(0, 1, &[1]), END]), "1: [01]")]
#[case::lower_case(file(&[":01000000ab54", END]), "0: [ab]")]
#[case::blanks(file(&["", " :01000000AB54 ", "\t", END, "", " "]), "0: [ab]")]
#[case::s1(file(&[&s('0', 2, 0, b"x"), &s('1', 2, 0x5800, &[1, 2]), &s('9', 2, 0, &[])]), "5800: [01, 02]")]
#[case::s2(file(&[&s('2', 3, 0x0012_5800, &[1]), &s('8', 3, 0, &[])]), "125800: [01]")]
#[case::s3(file(&[&s('3', 4, 0xFFFF_FFFF, &[1]), &s('7', 4, 0, &[])]), "ffffffff: [01]")]
#[case::s5(file(&[&s('1', 2, 0, &[1]), &s('5', 2, 1, &[]), &s('9', 2, 0, &[])]), "0: [01]")]
#[case::s6(file(&[&s('1', 2, 0, &[1]), &s('6', 3, 1, &[]), &s('9', 2, 0, &[])]), "0: [01]")]
#[case::s_lower_case(file(&["s1040000ab50", "s9030000fc"]), "0: [ab]")]
fn what_is_read(#[case] text: String, #[case] expected: &str) {
    assert_eq!(read(&text), expected);
    assert_eq!(read(text.replace('\n', "\r\n")), expected);
}

#[rstest]
#[case::nothing(file(&[""]), "the image is empty")]
#[case::no_data(file(&[END]), "the image is empty")]
#[case::another_format(file(&["", "\x7fELF"]), "line 2: neither Intel HEX nor S-record: it starts with '\\x7f'")]
#[case::mark(file(&[":0100000001FE", "0100000001FE"]), "line 2: a record starts with ':', not with '0'")]
#[case::mark_of_the_other(file(&["S9030000FC", END]), "line 2: something follows the end record of line 1")]
#[case::mark_in_the_middle(file(&["S10400000AF1", END]), "line 2: a record starts with 'S', not with ':'")]
#[case::character(file(&[":01000000G154", END]), "line 1, column 10: 'G' is no hexadecimal digit")]
#[case::half_a_byte(file(&[":0100000001F", END]), "line 1: an odd number of digits")]
#[case::cut_off(file(&[":02000000AB54", END]), "line 1: the record has 6 bytes and claims 7")]
#[case::too_long(file(&[":00000000AB54", END]), "line 1: the record has 6 bytes and claims 5")]
#[case::only_a_mark(file(&[":", END]), "line 1: the record has 0 bytes and claims 5")]
#[case::much_too_long(file(&[&format!(":FF{}", "00".repeat(5000)), END]), "line 1: the record has 5001 bytes and claims 260")]
#[case::checksum(file(&[":01000000AB55", END]), "line 1: checksum 55 instead of 54")]
#[case::unknown(file(&[&hex(6, 0, &[])]), "line 1: there is no record of type '06'")]
#[case::end_with_data(file(&[&hex(1, 0, &[1])]), "line 1: a record of type 01 cannot have 1 bytes in its data field")]
#[case::segment_too_short(file(&[&hex(2, 0, &[1])]), "line 1: a record of type 02 cannot have 1 bytes in its data field")]
#[case::start_too_long(file(&[&hex(5, 0, &[1; 5])]), "line 1: a record of type 05 cannot have 5 bytes in its data field")]
#[case::no_end(file(&[&hex(0, 0, &[1]), &hex(0, 1, &[1]), ""]), "the end record is missing: the file is cut off after line 2")]
#[case::after_the_end(file(&[&hex(0, 0, &[1]), END, "", END]), "line 4: something follows the end record of line 2")]
#[case::overlap(file(&[&hex(0, 0x12, &[1, 2]), &hex(0, 0x40, &[1]), &hex(0, 0x10, &[1, 2, 3]), END]), "line 3: address 0x00000012 is already set in line 1")]
#[case::the_same_again(file(&[&hex(0, 0x10, &[1]), &hex(0, 0x10, &[1]), END]), "line 2: address 0x00000010 is already set in line 1")]
#[case::beyond_32_bits(file(&[&hex(4, 0, &[0xFF, 0xFF]), &hex(0, 0xFFFF, &[1, 2]), END]), "line 2: 2 bytes from 0xffffffff on end beyond the addresses of 32 bits")]
#[case::beyond_its_segment(file(&[&hex(0, 0xFFFF, &[1, 2]), END]), "line 1: 2 bytes from 0xffff on end beyond their segment of 64 KiB")]
#[case::s_checksum(file(&["S1040000ABF1"]), "line 1: checksum F1 instead of 50")]
#[case::s_unknown(file(&[&s('4', 2, 0, &[])]), "line 1: there is no record of type '4'")]
#[case::s_without_type(file(&["S"]), "line 1: there is no record of type ''")]
#[case::s_length(file(&["S1050000AB50"]), "line 1: the record has 5 bytes and claims 6")]
#[case::s_no_address(file(&["S101FE"]), "line 1: a record of type S1 cannot have 0 bytes in its data field")]
#[case::s_end_with_data(file(&[&s('9', 2, 0, &[1])]), "line 1: a record of type S9 cannot have 1 bytes in its data field")]
#[case::s_count(file(&[&s('1', 2, 0, &[1]), &s('5', 2, 2, &[])]), "line 2: the file counts 2 data records and has 1")]
#[case::s_mixed(file(&[&s('1', 2, 0, &[1]), &s('2', 3, 9, &[1])]), "line 2: an S2 record in a file of S1 and S9 records")]
#[case::s_wrong_end(file(&[&s('3', 4, 0, &[1]), &s('9', 2, 0, &[])]), "line 2: an S9 record in a file of S3 and S7 records")]
#[case::s_late_header(file(&[&s('1', 2, 0, &[1]), &s('0', 2, 0, &[])]), "line 2: an S0 record that cannot be a header")]
#[case::s_no_end(file(&[&s('1', 2, 0, &[1])]), "the end record is missing: the file is cut off after line 1")]
fn what_is_refused(#[case] text: String, #[case] expected: &str) {
    assert_eq!(read(&text), expected);
    assert_eq!(read(text.replace('\n', "\r\n")), expected);
}

#[test]
fn memory_is_needed_for_what_is_there_and_not_for_what_is_claimed() {
    let far_apart = [&hex(0, 0, &[1]), &hex(4, 0, &[0xFF, 0xFF]), &hex(0, 0xFFFF, &[2]), END];
    let image = Image::parse(far_apart.join("\n").as_bytes()).unwrap();
    assert_eq!((image.segments().len(), image.size()), (2, 2));
}

#[rstest]
#[case::inside(&[(0x10, 4)], None)]
#[case::all_of_it(&[(0x10, 3)], None)]
#[case::two_ranges_that_touch(&[(0x12, 9), (0x10, 2)], None)]
#[case::starts_before(&[(0x11, 9)], Some(0x10))]
#[case::ends_behind(&[(0x10, 2)], Some(0x12))]
#[case::elsewhere(&[(0x20, 9)], Some(0x10))]
#[case::no_memory(&[], Some(0x10))]
#[case::everything_but_the_last(&[(0, u32::MAX)], None)]
fn addresses_outside_of_the_memory(#[case] ranges: &[(u32, u32)], #[case] expected: Option<u32>) {
    let image = Image::parse([&hex(0, 0x10, &[1, 2, 3]), END].join("\n").as_bytes()).unwrap();
    let ranges = ranges.iter().map(|(start, length)| MemoryRange::new(*start, *length).unwrap());
    let outside = image.check(&MemoryMap::new(ranges)).err().map(|error| error.address);
    assert_eq!(outside, expected);
}

#[rstest]
#[case(0, 0, false)]
#[case(0xFFFF_FFFF, 1, true)]
#[case(0xFFFF_FFFF, 2, false)]
fn ranges_of_addresses(#[case] start: u32, #[case] length: u32, #[case] exists: bool) {
    assert_eq!(MemoryRange::new(start, length).is_some(), exists);
}

#[test]
fn the_crc_passes_over_gaps() {
    let lines = [&hex(0, 0x20, b"56789"), &hex(0, 0x10, b"1234"), END];
    let image = Image::parse(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(image.crc32(), 0xCBF4_3926);
}
