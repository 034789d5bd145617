//! Who does something, and who did.

use crate::sql::{Param, Row};
use crate::station::StationBrief;
use crate::user::UserBrief;
use crate::{Entity, Result, StationId, StoreError, UserId};

/// Who does something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// The harness on this machine.
    #[default]
    Local,
    /// A person.
    User(UserId),
    /// A station.
    Station(StationId),
}

impl Actor {
    /// For the columns `created_by_user, created_by_station`.
    pub(crate) fn params(self) -> [Param<'static>; 2] {
        match self {
            Self::Local => [Param::Null, Param::Null],
            Self::User(id) => [id.into(), Param::Null],
            Self::Station(id) => [Param::Null, id.into()],
        }
    }

    /// Lets people change everything, and a station what it made itself: `maker` is the station that made it.
    pub(crate) fn may_change(
        self,
        maker: Option<StationId>,
        what: Entity,
        name: impl ToString,
    ) -> Result<()> {
        match self {
            Self::Local | Self::User(_) => Ok(()),
            Self::Station(id) if maker == Some(id) => Ok(()),
            Self::Station(_) => Err(StoreError::Foreign { what, name: name.to_string() }),
        }
    }
}

/// Who made something; nobody if it was the harness on its own machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Creator {
    /// The person.
    pub user: Option<UserBrief>,
    /// The station.
    pub station: Option<StationBrief>,
}

/// The columns that [`Creator::take`] takes.
macro_rules! creator_columns {
    () => {
        "cu.id, cu.name, cu.email, cs.id, cs.name"
    };
}

/// The joins that [`creator_columns`] needs, for the table `$of`.
macro_rules! creator_joins {
    ($of:literal) => {
        concat!(
            " LEFT JOIN users cu ON cu.id = ",
            $of,
            ".created_by_user LEFT JOIN stations cs ON cs.id = ",
            $of,
            ".created_by_station"
        )
    };
}

pub(crate) use {creator_columns, creator_joins};

impl Creator {
    pub(crate) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self { user: UserBrief::take(row)?, station: StationBrief::take(row)? })
    }
}
