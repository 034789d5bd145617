//! Mistakes that a simulated slave makes on purpose, so that it can be shown that they are found.

use std::str::FromStr;

/// A name that is no defect's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a defect of a simulated slave")]
pub struct UnknownDefect(pub String);

macro_rules! defects {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $name:literal, )+) => {
        /// A planted mistake of a simulated slave (`simulation.defects`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Defect {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl Defect {
            /// Every defect.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The name in the configuration.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )+
                }
            }
        }
    };
}

defects! {
    /// Subscribed frames cannot be moved to 0x30 and above.
    DeafToHighIds = "deaf_to_high_ids",
    /// Published frames cannot be moved to 0x30 and above.
    MuteOnHighIds = "mute_on_high_ids",
    /// Answers on 0x3D carry the enhanced checksum.
    EnhancedDiagnosticChecksum = "enhanced_diagnostic_checksum",
    /// Published frames carry the classic checksum.
    ClassicChecksum = "classic_checksum",
    /// Bits without a signal are sent as 0.
    UnusedBitsDominant = "unused_bits_dominant",
    /// Answers the reserved ids.
    AnswersReservedId = "answers_reserved_id",
    /// Takes errors in the reserved frame 0x3F for its own.
    ReportsReservedErrors = "reports_reserved_errors",
    /// Answers 0x2A, which is none of its frames.
    AnswersForeignId = "answers_foreign_id",
    /// Publishes its last frame under the next id.
    WrongFrameId = "wrong_frame_id",
    /// Does not listen to its second subscribed frame where it left the factory with it.
    DeafToFrame = "deaf_to_frame",
    /// Listens to 0x2B, which is none of its frames, and reports errors there.
    HearsForeignId = "hears_foreign_id",
    /// `response_error` is never set.
    ResponseErrorNotSet = "response_error_not_set",
    /// `response_error` stays set.
    ResponseErrorNotCleared = "response_error_not_cleared",
    /// `response_error` is cleared by the next good frame, before it was reported.
    ResponseErrorLost = "response_error_lost",
    /// Go-to-sleep is ignored.
    IgnoresSleep = "ignores_sleep",
    /// Go-to-sleep is ignored unless bytes 2 to 8 are FF.
    IgnoresSleepWithData = "ignores_sleep_with_data",
    /// A wake-up pulse does not wake it; a break does.
    DeafToWakeUp = "deaf_to_wake_up",
    /// A wake-up pulse must be a millisecond long.
    NeedsLongWakeUp = "needs_long_wake_up",
    /// Falls asleep when the bus was idle for two seconds.
    SleepsEarly = "sleeps_early",
    /// AssignFrameIdRange is answered and has no effect.
    RangeIgnored = "range_ignored",
    /// AssignFrameIdRange takes a frame its id where it should be kept.
    ForgetsKeptIds = "forgets_kept_ids",
    /// A frame answers although its id was taken.
    KeepsAfterUnassign = "keeps_after_unassign",
    /// Supplier and function come high byte first.
    WrongProductId = "wrong_product_id",
    /// Positive answers carry the service id of the request.
    WrongRsid = "wrong_rsid",
    /// The broadcast address is ignored.
    IgnoresBroadcast = "ignores_broadcast",
    /// Answers to a broadcast carry the broadcast address.
    AnswersAsBroadcast = "answers_as_broadcast",
    /// The supplier wildcard is not understood.
    IgnoresSupplierWildcard = "ignores_supplier_wildcard",
    /// The function wildcard is not understood.
    IgnoresFunctionWildcard = "ignores_function_wildcard",
    /// Unknown identifiers get no answer.
    NoNegativeResponse = "no_negative_response",
    /// Unknown identifiers get another negative response code.
    WrongNegativeCode = "wrong_negative_code",
    /// Unused bytes of an answer are 00.
    ZeroPadding = "zero_padding",
    /// Answers requests to every address.
    AnyonesNad = "anyones_nad",
    /// Answers requests to every supplier.
    AnyonesSupplier = "anyones_supplier",
    /// Answers requests to every function.
    AnyonesFunction = "anyones_function",
    /// AssignNAD is ignored.
    AssignNadIgnored = "assign_nad_ignored",
    /// AssignNAD is answered and has no effect.
    AssignNadWithoutEffect = "assign_nad_without_effect",
    /// AssignNAD has its effect and is not answered.
    AssignNadSilent = "assign_nad_silent",
    /// ConditionalChangeNAD works the wrong way round.
    ConditionInverted = "condition_inverted",
    /// Functional requests are answered.
    AnswersFunctional = "answers_functional",
    /// An answer that waits is given before that to a new request.
    KeepsOldAnswer = "keeps_old_answer",
    /// Segmented requests are ignored.
    IgnoresSegments = "ignores_segments",
    /// A segmented request is lost when another frame comes in between.
    DropsRequestOnTraffic = "drops_request_on_traffic",
    /// A segmented request is lost when a functional request comes in between.
    DropsRequestOnFunctional = "drops_request_on_functional",
    /// A segmented request may take for ever.
    NoRequestTimeout = "no_request_timeout",
    /// A segmented request is given up after a quarter of N_Cr.
    ShortRequestTimeout = "short_request_timeout",
    /// The number of a consecutive frame does not matter.
    WrongSequenceAccepted = "wrong_sequence_accepted",
    /// The first consecutive frame has the number 0.
    WrongSequenceSent = "wrong_sequence_sent",
    /// An answer is lost when another frame comes before it.
    DropsAnswerOnTraffic = "drops_answer_on_traffic",
    /// An answer is lost when a functional request comes before it.
    DropsAnswerOnFunctional = "drops_answer_on_functional",
    /// 0x3D is answered although nothing was asked.
    AnswersUnasked = "answers_unasked",
    /// Each answer is given twice.
    AnswersTwice = "answers_twice",
    /// An answer under way may take for ever.
    NoAnswerTimeout = "no_answer_timeout",
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = Self::ALL.iter().find(|defect| defect.name() == name);
        found.copied().ok_or_else(|| UnknownDefect(name.to_owned()))
    }
}

/// A set of defects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defects(u64);

// Each defect has a bit.
const _: () = assert!(Defect::ALL.len() <= 64);

impl Defects {
    /// None: a healthy node.
    pub const NONE: Self = Self(0);

    /// Whether the set has this one.
    pub const fn has(self, defect: Defect) -> bool {
        self.0 & 1 << defect as u8 != 0
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        Self(defects.into_iter().fold(0, |set, defect| set | 1 << defect as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_named_and_stands_alone() {
        for defect in Defect::ALL {
            assert_eq!(defect.name().parse(), Ok(*defect));
            let alone = Defects::from_iter([*defect]);
            assert!(Defect::ALL.iter().all(|other| alone.has(*other) == (other == defect)));
        }
        assert_eq!(
            "ignores_slep".parse::<Defect>().unwrap_err().to_string(),
            "\"ignores_slep\" is not a defect of a simulated slave"
        );
    }
}
