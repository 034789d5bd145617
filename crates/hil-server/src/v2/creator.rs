//! Who made something, and the answer to making it.

use hil_store::{Creator, StationBrief, UserBrief};
use serde::Serialize;
use utoipa::ToSchema;

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    id: String,
    name: Option<String>,
    email: String,
}

impl Person {
    /// Stands for whoever used `hil` on the server's own machine, where the client cannot do without a person.
    pub(crate) fn local() -> Self {
        Self { id: "local".to_owned(), name: Some("hil".to_owned()), email: String::new() }
    }
}

impl From<&UserBrief> for Person {
    fn from(user: &UserBrief) -> Self {
        Self { id: user.id.to_string(), name: user.name.clone(), email: user.email.clone() }
    }
}

/// A station.
#[derive(Serialize, ToSchema)]
pub(crate) struct StationName {
    id: String,
    name: String,
}

impl From<&StationBrief> for StationName {
    fn from(station: &StationBrief) -> Self {
        Self { id: station.id.to_string(), name: station.name.clone() }
    }
}

/// The person or the station that made something; neither, if it was made on the server's own machine.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedBy {
    created_by_user: Option<Person>,
    created_by_station: Option<StationName>,
}

impl From<&Creator> for CreatedBy {
    fn from(creator: &Creator) -> Self {
        Self {
            created_by_user: creator.user.as_ref().map(Person::from),
            created_by_station: creator.station.as_ref().map(StationName::from),
        }
    }
}

/// What was made or changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Identified {
    id: String,
}

impl Identified {
    pub(crate) fn new(id: impl ToString) -> axum::Json<Self> {
        axum::Json(Self { id: id.to_string() })
    }
}

/// What was removed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Removed {
    id: Vec<String>,
}

impl Removed {
    pub(crate) fn new<T: ToString>(ids: impl IntoIterator<Item = T>) -> axum::Json<Self> {
        axum::Json(Self { id: ids.into_iter().map(|id| id.to_string()).collect() })
    }
}
