//! What a boot loader is like, and how it misbehaves.

use std::time::Duration;

/// Where the version that a unit reports comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionSource {
    /// It never changes.
    Fixed(String),
    /// It stands in the memory: this many bytes at this address.
    Memory {
        /// The address of its first byte.
        address: u32,
        /// How long it is.
        length: u32,
    },
}

/// What a boot loader is like.
#[derive(Clone, Debug)]
pub struct BootSetup {
    /// The first address of the program memory.
    pub start: u32,
    /// How long the program memory is.
    pub length: u32,
    /// The longest TransferData request that it takes, service id and counter included.
    pub block_length: u32,
    /// With how many bytes it says so, 1–4.
    pub block_length_bytes: u8,
    /// The level of security access, as the sub-function that asks for the seed.
    pub security_level: u8,
    /// How long it takes to erase, whatever the range.
    pub erase_time: Duration,
    /// How long it takes to write a block.
    pub write_time: Duration,
    /// How long it does not answer after a reset or after power came.
    pub restart: Duration,
    /// The program that it is delivered with, from the first address on.
    pub program: Vec<u8>,
    /// Where its version comes from.
    pub version: VersionSource,
}

impl Default for BootSetup {
    /// The memory of an MLX81113xAB (hardware reference 9); the rest is ours.
    fn default() -> Self {
        Self {
            start: 0x5800,
            length: 0x8000,
            block_length: 0x0402,
            block_length_bytes: 2,
            security_level: 0x01,
            erase_time: Duration::from_millis(300),
            write_time: Duration::ZERO,
            restart: Duration::from_millis(100),
            program: Vec::new(),
            version: VersionSource::Fixed("1.0.0".to_owned()),
        }
    }
}

/// How a boot loader misbehaves. Blocks are counted from 1, over all downloads since the session was opened; one
/// that is repeated does not count again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootFault {
    /// It refuses a service.
    Refuse {
        /// The service id.
        service: u8,
        /// The negative response code.
        code: u8,
    },
    /// It never gets done with a service: one response-pending after the other.
    EndlessPending {
        /// The service id.
        service: u8,
    },
    /// It is dead from a block on, until it loses its power.
    SilentFromBlock(u32),
    /// It writes one byte of a block wrongly.
    CorruptBlock(u32),
    /// No key is right.
    RefuseKey,
}
