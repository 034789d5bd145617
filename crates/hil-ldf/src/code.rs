//! The code of each kind of finding, for looking it up, filtering, and counting.

use std::fmt;

macro_rules! codes {
    ($($variant:ident $name:literal $explanation:literal;)*) => {
        /// What kind of thing a finding is about. Its name, such as `overlapping-signals`, is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $explanation] $variant,)*
        }

        impl Code {
            /// All codes, in the order in which a file is read.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in findings.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What is wrong with such a file, and what to do about it.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => $explanation,)*
                }
            }
        }
    };
}

codes! {
    NotAnLdf "not-an-ldf"
        "The file does not begin with `LIN_description_file;`: it is empty, binary, a node capability file, or something else. Nothing after that is looked at.";
    FileTooLarge "file-too-large"
        "The file has 4 GiB or more. No description is that large; this is probably another file.";
    UnterminatedComment "unterminated-comment"
        "A comment that begins with `/*` never ends, so that the rest of the file is part of it. The place is that of the opening.";
    UnterminatedString "unterminated-string"
        "A string has no closing quote on its line. Strings cannot go on in the next line.";
    UnexpectedToken "unexpected-token"
        "Something stands where the language wants something else; the finding says what.";
    IncompleteStatement "incomplete-statement"
        "A line ends before its statement does; the place is the end of that line.";
    UnexpectedEnd "unexpected-end"
        "The file ends in the middle of something. It may have been cut off on its way.";
    MissingSemicolon "missing-semicolon"
        "A statement has no semicolon. After `Channel_name` it is a warning, because the example of the LIN 2.2A specification lacks it too.";
    MissingBrace "missing-brace"
        "A section lacks its opening brace, or is never closed. A closing brace is missed at the latest at the place that is shown.";
    SurplusBrace "surplus-brace"
        "The file has more closing than opening braces, and a section ends before its last item. What is left of the section is passed over.";
    NumberTooLarge "number-too-large"
        "A whole number has more than 64 bits, or a real one is beyond those that a computer has.";
    DecimalComma "decimal-comma"
        "A number is written with a decimal comma (`19,2 kbps`). The language has decimal points only.";
    UnknownCommand "unknown-command"
        "A schedule table has a command that no version of the language knows.";
    UnknownSection "unknown-section"
        "A section or statement that the language does not have is skipped to its end. What it says is not in the database; `hil ldf fmt` keeps it. Only a section that is another by case or by a final `s` is read as that.";
    UnknownAttribute "unknown-attribute"
        "A node attribute that the language does not have is skipped. What it says is not in the database; `hil ldf fmt` keeps it.";
    PlusSign "plus-sign"
        "A number has an explicit plus sign. The value is clear, other tools may refuse it.";
    BareDecimalPoint "bare-decimal-point"
        "A number has no digit before or after its decimal point (`.1`, `19.`). The value is clear, other tools may refuse it.";
    NonAsciiName "non-ascii-name"
        "A name has letters beyond ASCII. It is kept, other tools will refuse it.";
    UnquotedString "unquoted-string"
        "A channel name or a version in the header has no quotes. It is kept; the language wants a string.";
    SecondStatement "second-statement"
        "A statement of the header is there twice. The last one counts.";
    MissingHeader "missing-header"
        "The file lacks a version or the bit rate. Without versions it is read as LIN 2.x; without `LIN_speed` nothing can be timed.";
    UnknownVersion "unknown-version"
        "The file has a version that is not known. It is read as the nearest known one.";
    MissingNodes "missing-nodes"
        "The file has no section `Nodes`, so that nothing in it has a publisher.";
    NoMaster "no-master"
        "The file names no master. Frames can be encoded and decoded, schedules cannot run.";
    SecondMaster "second-master"
        "The file names two masters.";
    DuplicateName "duplicate-name"
        "Two nodes, two signals, two frames of any kind, two schedule tables or two encoding types have one name. Both places are shown.";
    DuplicateFrameId "duplicate-frame-id"
        "Two frames have one identifier, so that nobody can tell them apart on the bus. Both places are shown.";
    UndeclaredName "undeclared-name"
        "A node, signal or frame is used where the file has no meaning without it, but it is declared nowhere. The nearest name is suggested.";
    UndeclaredInstance "undeclared-instance"
        "A publisher is not declared, but slaves are that have its name and a number (`Slave` beside `Slave1`, `Slave2`). The file describes one of several equal nodes; the name is kept as it is.";
    DanglingReference "dangling-reference"
        "Something that does not exist is named where the file can do without it: a subscriber, a represented signal, an encoding type, a response error signal. The reference is dropped. The example of the LIN 2.2 specification has two such.";
    OutOfRange "out-of-range"
        "A number is outside of what its place can hold.";
    FrameIdBeyond63 "frame-id-beyond-63"
        "Frame identifiers have six bits. The file is refused, unless a schedule table assigns the identifier of the frame: then the frame has none until that is done, and this is a warning.";
    FrameLength "frame-length"
        "A frame has 1 to 8 bytes.";
    SignalWidth "signal-width"
        "A signal has 1 to 64 bits; an array has 8 bits for each of its bytes.";
    WideScalar "wide-scalar"
        "A scalar signal is wider than the 16 bits of the language. It is encoded and decoded as it stands, other tools may refuse it.";
    InitialValue "initial-value"
        "An initial value does not fit into its signal.";
    OverlappingSignals "overlapping-signals"
        "Two signals of a frame share bits. Both places and the bits are shown.";
    RepeatedSignal "repeated-signal"
        "A frame carries one signal at two places, so that nobody can tell which of them is meant.";
    SignalBeyondFrame "signal-beyond-frame"
        "A signal ends behind the last byte of its frame.";
    ForeignSignal "foreign-signal"
        "A frame carries a signal that another node publishes. The frame is kept; the specification's own example has one.";
    UnusedSignal "unused-signal"
        "A signal is in no frame, so it can never be sent.";
    SecondRepresentation "second-representation"
        "A signal is given two encoding types. The last one is used, as ldfparser does.";
    MissingNodeAttributes "missing-node-attributes"
        "Since LIN 2.0 each slave has an entry in `Node_attributes`. Without it the node's address and times are not known.";
}

impl Code {
    /// Whether a finding of this kind may only mean that a part of the file could not be read.
    pub(crate) fn is_about_absence(self) -> bool {
        matches!(
            self,
            Self::MissingHeader
                | Self::MissingNodes
                | Self::NoMaster
                | Self::MissingNodeAttributes
                | Self::UndeclaredName
                | Self::UndeclaredInstance
                | Self::DanglingReference
                | Self::UnusedSignal
        )
    }

    /// The code called `name`.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
