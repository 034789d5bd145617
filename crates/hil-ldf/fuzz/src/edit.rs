//! Edits of a valid file. A few of them leave most of the file valid, so that the checks behind the parser are
//! reached.

use std::iter;

use libfuzzer_sys::arbitrary::{self, Arbitrary};

use crate::tokens::{Kind, Piece, block_end, cut, join};
use crate::words::word;

/// The files that are edited. They are part of the program, so that a script means the same everywhere.
const SEEDS: [&str; 4] = [
    include_str!("../../tests/fixtures/full.ldf"),
    include_str!("../seeds/encodings.ldf"),
    include_str!("../seeds/old.ldf"),
    include_str!("../../../../vendor/alm.ldf"),
];

/// No edited file is longer; as none is longer for `parse`.
const LONGEST: usize = 65_536;

/// A file and what is done to it.
#[derive(Arbitrary, Clone, Debug)]
pub struct Script {
    seed: u8,
    latin1: bool,
    edits: Vec<Edit>,
}

/// One edit. Places count pieces from the start of the file and wrap around.
#[derive(Arbitrary, Clone, Debug)]
enum Edit {
    /// Puts a piece in the place of a later one of its kind: a name, an identifier or an offset that is there twice.
    Again {
        kind: Kind,
        at: u16,
        back: u8,
    },
    Number {
        at: u16,
        number: i8,
    },
    Replace {
        kind: Kind,
        at: u16,
        word: u8,
    },
    Insert {
        at: u16,
        word: u8,
    },
    Text {
        at: u16,
        text: String,
    },
    Swap {
        at: u16,
        back: u8,
    },
    Remove {
        at: u16,
        few: Few,
    },
    /// Writes a few pieces again: another item in a list.
    CopyFew {
        at: u16,
        few: Few,
    },
    RemoveBlock {
        at: u16,
    },
    CopyBlock {
        at: u16,
        back: u8,
    },
    RepeatBlock {
        at: u16,
        times: u8,
    },
    RepeatWord {
        at: u16,
        word: u8,
        times: u8,
    },
    End {
        at: u16,
    },
}

/// One to four pieces.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct Few(u8);

impl Few {
    /// The place behind the pieces that begin at `at`, of `count` in all.
    fn behind(self, at: usize, count: usize) -> usize {
        (at + 1 + usize::from(self.0 % 4)).min(count)
    }
}

impl Script {
    /// The edited file.
    pub fn edited(&self) -> Vec<u8> {
        let mut pieces = cut(SEEDS[usize::from(self.seed) % SEEDS.len()]);
        for edit in self.edits.iter().take(64) {
            if !pieces.is_empty() {
                edit.apply(&mut pieces);
            }
            // Each piece has a character at least.
            pieces.truncate(LONGEST);
        }
        let mut text = join(&pieces);
        text.truncate(text.floor_char_boundary(LONGEST));
        if !self.latin1 {
            return text.into_bytes();
        }
        text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
    }
}

impl Edit {
    fn apply<'t>(&'t self, pieces: &mut Vec<Piece<'t>>) {
        let count = pieces.len();
        let place = |at: &u16| usize::from(*at) % count;
        let before = |at: &u16, back: &u8| place(at).saturating_sub(usize::from(*back));
        let piece = |number: &u8| Piece::new(word(*number));
        match self {
            Self::Again { kind, at, back } => {
                if let Some((from, to)) = two_of(pieces, *kind, *at, *back) {
                    pieces[to] = pieces[from].clone();
                }
            }
            Self::Number { at, number } => {
                if let Some((_, to)) = two_of(pieces, Kind::Number, *at, 0) {
                    pieces[to] = Piece::new(number.to_string());
                }
            }
            Self::Replace { kind, at, word } => {
                if let Some((_, to)) = two_of(pieces, *kind, *at, 0) {
                    pieces[to] = piece(word);
                }
            }
            Self::Insert { at, word } => pieces.insert(place(at), piece(word)),
            Self::Text { at, text } => pieces[place(at)] = Piece::new(text.as_str()),
            Self::Swap { at, back } => pieces.swap(before(at, back), place(at)),
            Self::Remove { at, few } => drop(pieces.drain(place(at)..few.behind(place(at), count))),
            Self::CopyFew { at, few } => {
                let copied = pieces[place(at)..few.behind(place(at), count)].to_vec();
                drop(pieces.splice(place(at)..place(at), copied));
            }
            Self::RemoveBlock { at } => drop(pieces.drain(place(at)..block_end(pieces, place(at)))),
            Self::CopyBlock { at, back } => {
                let from = before(at, back);
                let block = pieces[from..block_end(pieces, from)].to_vec();
                drop(pieces.splice(place(at)..place(at), block));
            }
            Self::RepeatBlock { at, times } => repeat(pieces, place(at), often(*times)),
            Self::RepeatWord { at, word, times } => {
                let at = place(at);
                drop(pieces.splice(at..at, iter::repeat_n(piece(word), often(*times))));
            }
            Self::End { at } => pieces.truncate(place(at)),
        }
    }
}

/// The places of two pieces of one kind, `back` of that kind from each other.
fn two_of(pieces: &[Piece<'_>], kind: Kind, at: u16, back: u8) -> Option<(usize, usize)> {
    let places: Vec<usize> = (0..pieces.len()).filter(|place| pieces[*place].kind() == kind).collect();
    let to = usize::from(at).checked_rem(places.len())?;
    Some((places[to.saturating_sub(usize::from(back))], places[to]))
}

/// A few times mostly, thousands of times at most.
fn often(times: u8) -> usize {
    usize::from(times).pow(4) >> 20
}

/// Repeats the statement or block at `at`, each time under another name: what grows faster than the file shows up in
/// many things that are not the same.
fn repeat(pieces: &mut Vec<Piece<'_>>, at: usize, times: usize) {
    let block = pieces[at..block_end(pieces, at)].to_vec();
    let name = block.iter().position(|piece| piece.kind() == Kind::Word);
    let mut copies = Vec::new();
    for number in 0..times.min(LONGEST / block.len()) {
        let start = copies.len();
        copies.extend_from_slice(&block);
        if let Some(name) = name {
            copies[start + name] = block[name].numbered(number);
        }
    }
    drop(pieces.splice(at..at, copies));
}
