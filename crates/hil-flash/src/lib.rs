//! Images of an ECU's memory, and the ways of getting them into it.

#![forbid(unsafe_code)]
