//! `hil key`: what people and stations show to the server.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args, Subcommand};
use hil_model::run::StationName;
use hil_model::{ExitStatus, WallTime};
use hil_store::{
    BlockingStore, Direction, Email, KeyId, KeyOwner, Page, Role, Station, StationFilter, StoreError,
};

use super::Wrong;
use super::served::{StoreArgs, print};
use crate::args::BenchArgs;
use crate::console;

#[derive(Args, Debug)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    what: KeyCommand,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key, and print it: it is shown this once.
    #[command(
        after_help = "The key is alone on standard output, everything else on standard error.\n\nExamples:\n  hil key create --user ada@example.com\n  hil key create --station bench-3 --expires 90d\n  hil key create --user wall@example.com --read-only"
    )]
    Create(CreateArgs),
    /// List the keys: their ids, whose they are, and when they end.
    #[command(after_help = "Example:\n  hil key list")]
    List,
    /// Make a key invalid for good.
    #[command(after_help = "Example:\n  hil key revoke 0193a5c0-0000-7000-8000-000000000001")]
    Revoke {
        /// The key's id, as `hil key list` shows it.
        #[arg(value_name = "ID")]
        id: KeyId,
    },
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("whose").required(true).args(["user", "station"]))]
struct CreateArgs {
    /// The e-mail address of the person whose key it is. Who is not known yet is entered.
    #[arg(long, value_name = "EMAIL")]
    user: Option<Email>,
    /// What the person is called.
    #[arg(long, value_name = "NAME", requires = "user")]
    name: Option<String>,
    /// The station whose key it is. One that is not known yet is made.
    #[arg(long, value_name = "NAME")]
    station: Option<StationName>,
    /// When the key ends, from now on, such as `90d`; never, if not given.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    expires: Option<Duration>,
    /// A key that is good for looking only: whoever has it can watch jobs and read records.
    #[arg(long)]
    read_only: bool,
}

pub(crate) fn run(args: KeyArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let store = args.store.open(bench)?;
    let done = match args.what {
        KeyCommand::Create(create) => make(&store, create),
        KeyCommand::List => list(&store),
        KeyCommand::Revoke { id } => revoke(&store, id),
    };
    store.close();
    done.map(|()| ExitStatus::Passed)
}

fn make(store: &BlockingStore, args: CreateArgs) -> anyhow::Result<()> {
    let expires_at = args.expires.map(later).transpose()?;
    let (owner, whose) = match (args.user, args.station) {
        (Some(email), _) => {
            let user = store.wait(|store| store.ensure_user(email, args.name, Role::Member))?;
            (KeyOwner::User(user.id), format!("user {} ({})", user.id, user.email))
        }
        (None, Some(name)) => {
            let station = station(store, name)?;
            (KeyOwner::Station(station.id), format!("station {} ({})", station.id, station.name))
        }
        (None, None) => return Err(Wrong::usage("say whose key it is: --user or --station")),
    };
    let (key, secret) = if args.read_only {
        store.wait(|store| store.create_read_only_key(owner, expires_at))?
    } else {
        store.wait(|store| store.create_key(owner, expires_at))?
    };
    console::alert(&format!("key {} of {whose}; it is not shown again:\n", key.id));
    print(&format!("{}\n", secret.reveal()))
}

/// The station of that name, which is made if it is not known yet.
fn station(store: &BlockingStore, name: StationName) -> anyhow::Result<Station> {
    let of_that_name =
        |station: &Station| station.name.parse::<StationName>().is_ok_and(|known| known.matches(&name));
    let mut next = Some(0);
    while let Some(offset) = next {
        let filter = StationFilter { search: Some(name.to_string()), ..StationFilter::default() };
        let page = Page::new(Page::MAX, offset);
        let listed = store.wait(|store| store.stations(filter, page, Direction::Ascending))?;
        if let Some(known) = listed.items.into_iter().find(of_that_name) {
            return Ok(known);
        }
        next = listed.next;
    }
    Ok(store.wait(|store| store.create_station(name, None))?)
}

fn list(store: &BlockingStore) -> anyhow::Result<()> {
    let users = store.wait(|store| store.users())?;
    let mut text = String::new();
    for key in store.wait(|store| store.keys())? {
        let whose = match key.owner {
            KeyOwner::User(id) => match users.iter().find(|user| user.id == id) {
                Some(user) if user.banned => format!("user {} (banned)", user.email),
                Some(user) => format!("user {}", user.email),
                None => format!("user {id}"),
            },
            KeyOwner::Station(id) => match store.wait(|store| store.station(id)) {
                Ok(station) => format!("station {}", station.name),
                Err(StoreError::NotFound { .. }) => format!("station {id} (removed)"),
                Err(error) => return Err(error.into()),
            },
        };
        let ends = key.expires_at.map_or_else(|| "never ends".to_owned(), |at| format!("ends {}", date(at)));
        let only = if key.read_only { "  read only" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  made {}  {ends}  {whose}{only}", key.id, date(key.created_at));
    }
    print(&text)
}

fn revoke(store: &BlockingStore, id: KeyId) -> anyhow::Result<()> {
    if store.wait(|store| store.revoke_key(id))? {
        console::alert(&format!("key {id} is not valid any more\n"));
        Ok(())
    } else {
        Err(Wrong::usage(format!("there is no key {id}")))
    }
}

/// So long from now on.
fn later(duration: Duration) -> anyhow::Result<WallTime> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = since.checked_add(duration).and_then(|end| i64::try_from(end.as_millis()).ok());
    millis.map(WallTime::from_unix_millis).ok_or_else(|| Wrong::usage("--expires: that is too far away"))
}

/// A moment in UTC, to the second.
fn date(at: WallTime) -> String {
    let since = Duration::from_millis(u64::try_from(at.unix_millis()).unwrap_or_default());
    UNIX_EPOCH.checked_add(since).map_or_else(
        || "in a far future".to_owned(),
        |moment| humantime::format_rfc3339_seconds(moment).to_string(),
    )
}
