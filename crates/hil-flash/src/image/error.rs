//! What can be wrong with an image.

/// A text that is no image. A text with one mistake yields no image at all: half a program is worse than none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The text is longer than any program for a unit on a LIN bus.
    #[error("the image is a text of {length} bytes, more than {max}")]
    TooLong {
        /// Its length.
        length: usize,
        /// What is allowed.
        max: usize,
    },
    /// The text starts neither like Intel HEX (`:`) nor like an S-record (`S`).
    #[error("line {line}: neither Intel HEX nor S-record: it starts with '{}'", found.escape_ascii())]
    Unrecognised {
        /// The first line that is not blank.
        line: usize,
        /// What it starts with.
        found: u8,
    },
    /// A record does not start with its mark.
    #[error("line {line}: a record starts with '{expected}', not with '{}'", found.escape_ascii())]
    Mark {
        /// The line.
        line: usize,
        /// What it starts with.
        found: u8,
        /// `:` or `S`.
        expected: char,
    },
    /// A character that is no hexadecimal digit.
    #[error("line {line}, column {column}: '{}' is no hexadecimal digit", found.escape_ascii())]
    Character {
        /// The line.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The character.
        found: u8,
    },
    /// Digits come in pairs.
    #[error("line {line}: an odd number of digits")]
    HalfByte {
        /// The line.
        line: usize,
    },
    /// The record is cut off, or longer than it says.
    #[error("line {line}: the record has {found} bytes and claims {claimed}")]
    Length {
        /// The line.
        line: usize,
        /// The bytes that follow from its length field, that field included.
        claimed: usize,
        /// The bytes that are there.
        found: usize,
    },
    /// A record whose length does not suit its type.
    #[error("line {line}: a record of type {record} cannot have {found} bytes in its data field")]
    Payload {
        /// The line.
        line: usize,
        /// The type, as it is written.
        record: &'static str,
        /// The bytes in its data field.
        found: usize,
    },
    /// The checksum is wrong.
    #[error("line {line}: checksum {got:02X} instead of {expected:02X}")]
    Checksum {
        /// The line.
        line: usize,
        /// What is written.
        got: u8,
        /// What belongs to the record.
        expected: u8,
    },
    /// A record of a type that does not exist.
    #[error("line {line}: there is no record of type '{found}'")]
    UnknownRecord {
        /// The line.
        line: usize,
        /// The type: the digit of an S-record, the value in Intel HEX.
        found: String,
    },
    /// S-records of one file have one address length, from the first to the last.
    ///
    /// The type is not part of an S-record's checksum: a damaged one shows here, or in the count.
    #[error("line {line}: an S{found} record in a file of {expected} records")]
    MixedRecords {
        /// The line.
        line: usize,
        /// Its type.
        found: char,
        /// What suits the records before it.
        expected: &'static str,
    },
    /// A header is the first record of its file, and its address is 0.
    #[error("line {line}: an S0 record that cannot be a header")]
    Header {
        /// The line.
        line: usize,
    },
    /// A count record does not agree with what was counted.
    #[error("line {line}: the file counts {claimed} data records and has {counted}")]
    Count {
        /// The line.
        line: usize,
        /// What it says.
        claimed: u32,
        /// What is there.
        counted: u32,
    },
    /// Two records set one address. That they agree does not help: somebody linked twice.
    #[error("line {line}: address {address:#010x} is already set in line {other}")]
    Overlap {
        /// The later of the two lines.
        line: usize,
        /// The earlier one.
        other: usize,
        /// The first address that both set.
        address: u32,
    },
    /// A record that ends beyond 0xFFFFFFFF.
    #[error("line {line}: {length} bytes from {address:#010x} on end beyond the addresses of 32 bits")]
    BeyondAddresses {
        /// The line.
        line: usize,
        /// Its address.
        address: u32,
        /// Its length.
        length: usize,
    },
    /// A record that ends beyond its segment of 64 KiB. By the letter it goes on at the segment's start, which
    /// no linker wants.
    #[error("line {line}: {length} bytes from {offset:#06x} on end beyond their segment of 64 KiB")]
    BeyondSegment {
        /// The line.
        line: usize,
        /// Where in the segment it starts.
        offset: u16,
        /// Its length.
        length: usize,
    },
    /// The text ends without an end record: it is cut off.
    #[error("the end record is missing: the file is cut off after line {line}")]
    MissingEnd {
        /// The last line that is not blank.
        line: usize,
    },
    /// Something follows the end record.
    #[error("line {line}: something follows the end record of line {end}")]
    AfterEnd {
        /// The line.
        line: usize,
        /// The line of the end record.
        end: usize,
    },
    /// There is no data in it.
    #[error("the image is empty")]
    Empty,
}
