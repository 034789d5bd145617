//! The keys of flashing.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::key_path::KeyPath;
use crate::reader::Reader;
use crate::rule::{FilePath, Flag, Integer, List, OneOf, Optional, Rule, Seconds, Text, choice};
use crate::section::{SectionOf, section};
use crate::tree::Node;

section! {
    /// Flashing of the ECU before the tests.
    Flash {
        /// Whether to flash.
        enabled: bool = false, Flag;
        /// The image, Intel HEX or S-record. Without it flashing is skipped.
        hex_path: Option<PathBuf> = None, Optional(FilePath);
        /// How the image gets into the ECU.
        method: FlashMethod = FlashMethod::Uds, OneOf::<FlashMethod>::new();
        /// The memory that may be programmed. An image that reaches beyond it is refused. Without it
        /// every address is taken.
        memory: Vec<MemoryRange> = Vec::new(), List(SectionOf::<MemoryRange>::NEW);
        /// How long an attempt may take, 1 s to 2 h.
        timeout: Duration = Duration::from_secs(600),
            Seconds::new(Duration::from_secs(1), Duration::from_secs(2 * 3600));
        /// How often it is tried, each time from the start, 1 to 5.
        attempts: u32 = 2, Integer::new(1, 5);
        /// Whether the memory is erased first (`uds` only). Some ECUs do that by themselves.
        erase: bool = true, Flag;
        /// The routine with which the ECU checks its memory (`uds` only): 0xFF01 without parameters, any
        /// other with the CRC-32 of the image.
        verify_routine: u16 = 0x0202, Integer::new(0, u16::MAX);
        /// The level of security access (`uds` only), an odd number from 0x01 to 0x41. Without it the ECU
        /// is not unlocked.
        security_level: Option<u8> = None, Optional(OddLevel);
        /// The program that computes keys, with its first arguments (`uds` only). It gets the seed in
        /// hexadecimal as its last argument and writes the key in hexadecimal.
        key_command: Vec<String> = Vec::new(), List(Text);
        /// How long the program that computes keys may take, 0.1 s to 10 min.
        key_timeout: Duration = Duration::from_secs(10),
            Seconds::new(Duration::from_millis(100), Duration::from_secs(600));
        /// The program that flashes, with its arguments (`command` only). `{image}` stands for the path of
        /// the image.
        command: Vec<String> = Vec::new(), List(Text);
        /// The adapter's boot loader (`boot_loader` only).
        boot_loader: BootLoader = BootLoader::default(), SectionOf::<BootLoader>::NEW;
    }
}

choice! {
    /// How the image gets into the ECU.
    FlashMethod {
        /// Diagnostic services over LIN.
        Uds = "uds",
        /// The boot loader of the LIN adapter, where it has one.
        BootLoader = "boot_loader",
        /// A program of the user's.
        Command = "command",
    }
}

section! {
    /// A range of memory.
    MemoryRange {
        required {
            /// Its first address, 0 to 0xFFFFFFFF.
            start: u32, Integer::new(0, u32::MAX);
            /// How many bytes it has, 1 to 0xFFFFFFFF.
            length: u32, Integer::new(1, u32::MAX);
        }
    }
}

choice! {
    /// A memory that an adapter's boot loader programs.
    BootMemory {
        /// The program.
        Flash = "flash",
        /// Non-volatile parameters.
        Nvram = "nvram",
        /// An EEPROM.
        Eeprom = "eeprom",
    }
}

section! {
    /// The adapter's boot loader.
    BootLoader {
        /// Where the image goes.
        memory: BootMemory = BootMemory::Flash, OneOf::<BootMemory>::new();
        /// Bit rate of the loader in bit/s, 25000 to 300000.
        bitrate: u32 = 300_000, Integer::new(25_000, 300_000);
        /// Project id of the chip; 0 asks the chip.
        project: u16 = 0, Integer::new(0, u16::MAX);
        /// Whether somebody powers the ECU by hand.
        manual_power: bool = false, Flag;
    }
}

/// The sub-function that asks for a seed: levels of security access are odd.
struct OddLevel;

impl OddLevel {
    const RANGE: Integer<u8> = Integer::new(0x01, 0x41);
}

impl Rule for OddLevel {
    type Value = u8;

    fn expected(&self) -> String {
        "an odd integer from 1 to 65".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<u8> {
        let level = Self::RANGE.read(node, path, reader)?;
        if level % 2 == 0 {
            reader.out_of_range(node, path, self.expected());
            return None;
        }
        Some(level)
    }

    fn show(&self, value: &u8) -> Json {
        json!(value)
    }

    fn schema(&self) -> Json {
        json!({ "type": "integer", "minimum": 1, "maximum": 65, "not": { "multipleOf": 2 } })
    }
}
