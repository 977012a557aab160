//! How a command ends.

use std::process::ExitCode;

/// The exit codes of every command. `stagedoor exec` passes on the code of the
/// command that it ran instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All is well.
    Fine = 0,
    /// There are findings, or the answer is no.
    Findings = 1,
    /// The command line or the input is faulty.
    Input = 2,
    /// Something could not be reached: a server, an issuer.
    Unreachable = 3,
    /// A fault of this program or of the machine under it.
    Internal = 4,
}

/// The end of a command's help: its remarks, and the table of exit codes.
macro_rules! after_help {
    ($($remarks:literal),*) => {
        concat!(
            $($remarks, "\n\n",)*
            "Exit codes:
  0  fine
  1  findings, or denied
  2  bad usage or bad input
  3  could not reach a server or an issuer
  4  internal error"
        )
    };
}
pub(crate) use after_help;

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
