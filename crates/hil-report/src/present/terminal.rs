//! What a terminal can show, and how what is printed there should strike the eye.

use std::fmt;

/// How a word should strike the eye. Which colours that takes is up to whoever prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Emphasis {
    /// As it should be.
    Good,
    /// Inside the limits and outside the marginal ones, or changed.
    Odd,
    /// A requirement that was not met.
    Bad,
    /// No verdict could be reached.
    Broken,
    /// Labels and side notes.
    Muted,
    /// What the eye should find first.
    Strong,
}

impl Emphasis {
    /// The class of a badge on a page.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "passed",
            Self::Odd => "flaky",
            Self::Bad => "failed",
            Self::Broken => "errored",
            Self::Muted | Self::Strong => "skipped",
        }
    }
}

/// Puts around a text what makes it strike the eye.
type Paint<'a> = &'a dyn Fn(Emphasis, &str) -> String;

/// A terminal: how wide it is, and how it emphasises.
#[derive(Clone, Copy)]
pub struct Terminal<'a> {
    width: usize,
    paint: Paint<'a>,
}

impl<'a> Terminal<'a> {
    /// The least that tables need. On a narrower terminal lines wrap.
    const LEAST: usize = 80;

    /// A terminal of so many columns without colours.
    pub fn plain(width: usize) -> Self {
        Self::painted(width, &|_, text| text.to_owned())
    }

    /// A terminal of so many columns; `paint` puts whatever it takes around a text, and nothing that has a width.
    pub fn painted(width: usize, paint: &'a dyn Fn(Emphasis, &str) -> String) -> Self {
        Self { width: width.max(Self::LEAST), paint }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) fn paint(&self, emphasis: Emphasis, text: &str) -> String {
        (self.paint)(emphasis, text)
    }

    /// A labelled line, the label right-aligned as in the summary of `hil run`.
    pub(super) fn line(&self, label: &str, text: &str) -> String {
        format!("{}  {text}\n", self.paint(Emphasis::Muted, &format!("{label:>9}")))
    }
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("width", &self.width).finish_non_exhaustive()
    }
}
