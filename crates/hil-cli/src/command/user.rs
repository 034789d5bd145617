//! `hil user`: whose keys are refused.

use clap::{Args, Subcommand};
use hil_model::ExitStatus;
use hil_store::Email;

use super::Wrong;
use super::served::StoreArgs;
use crate::args::BenchArgs;
use crate::console;

#[derive(Args, Debug)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    what: UserCommand,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Refuse every key of a person from now on.
    #[command(after_help = "Example:\n  hil user ban eve@example.com")]
    Ban {
        /// The person's e-mail address.
        #[arg(value_name = "EMAIL")]
        email: Email,
    },
    /// Take the keys of a person again.
    #[command(after_help = "Example:\n  hil user unban eve@example.com")]
    Unban {
        /// The person's e-mail address.
        #[arg(value_name = "EMAIL")]
        email: Email,
    },
}

pub(crate) fn run(args: UserArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let (email, banned) = match args.what {
        UserCommand::Ban { email } => (email, true),
        UserCommand::Unban { email } => (email, false),
    };
    let store = args.store.open(bench)?;
    let users = store.wait(|store| store.users())?;
    let known = users.iter().find(|user| user.email.to_lowercase() == email.as_str().to_lowercase());
    let user = known.ok_or_else(|| Wrong::usage(format!("nobody is known as {email}")))?;
    store.wait(|store| store.ban_user(user.id, banned))?;
    let what = if banned { "refused" } else { "taken again" };
    console::alert(&format!("the keys of {} are {what}\n", user.email));
    store.close();
    Ok(ExitStatus::Passed)
}
