//! Tables of fault codes: one line a kind, from which the kinds and the list for manuals come.

/// Declares the kinds of fault of a crate with their codes and meanings: an enum, a struct of one
/// line, and the list of all of them.
///
/// # Example
/// ```
/// taizhang_diagnostics::fault_codes! {
///     /// Kind of fault of a lamp.
///     LampFault, LampFaultCode, LAMP_FAULT_CODES;
///     Broken, "Z0001", "灯坏了", "the lamp is broken";
/// }
/// assert_eq!(LampFault::Broken.code(), "Z0001");
/// assert_eq!(LAMP_FAULT_CODES[0].zh, "灯坏了");
/// ```
#[macro_export]
macro_rules! fault_codes {
    (
        $(#[$note:meta])* $kinds:ident, $line:ident, $list:ident;
        $($kind:ident, $code:literal, $zh:literal, $en:literal;)+
    ) => {
        /// A code with its meaning, for the manual and for tests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $line {
            /// What is wrong, as the code of this crate names it.
            pub kind: $kinds,
            /// The code printed.
            pub code: &'static str,
            /// Meaning in Chinese.
            pub zh: &'static str,
            /// Meaning in English.
            pub en: &'static str,
        }

        $(#[$note])*
        /// Each has a code of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kinds {
            $(
                #[doc = $en]
                $kind,
            )+
        }

        /// All codes, in order. A code is never used twice or again.
        pub const $list: &[$line] =
            &[$($line { kind: $kinds::$kind, code: $code, zh: $zh, en: $en },)+];

        impl $kinds {
            /// The code printed.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)+
                }
            }
        }
    };
}
