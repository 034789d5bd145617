//! People.

use axum::Json;
use axum::extract::State;
use hil_store::User;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refusal::Refusal;
use crate::auth::Caller;
use crate::error::ApiResult;
use crate::extract::Query;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_users)).routes(routes!(get_current_user))
}

/// A person.
#[derive(Serialize, ToSchema)]
struct UserView {
    id: String,
    email: String,
    name: Option<String>,
    image: Option<String>,
    /// Whether their keys are refused.
    banned: bool,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, email, name, image, banned, role: _, created_at: _ } = user;
        Self { id: id.to_string(), email, name, image, banned }
    }
}

/// Which people are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserQuery {
    /// Nobody but the owner of the key; a station's key has none.
    #[serde(default)]
    current: Option<bool>,
}

/// Lists people.
#[utoipa::path(
    get, path = "/api/v2/users", tag = "users", params(UserQuery),
    responses((status = 200, body = Vec<UserView>), Refusal)
)]
async fn list_users(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<UserQuery>,
) -> ApiResult<Json<Vec<UserView>>> {
    let users = match caller.user() {
        _ if query.current != Some(true) => state.store.users().await?,
        Some(user) => vec![user.clone()],
        None => Vec::new(),
    };
    Ok(Json(users.into_iter().map(UserView::from).collect()))
}

/// The owner of the key.
#[utoipa::path(
    get, path = "/api/v2/users/current", tag = "users",
    responses((status = 200, body = UserView), Refusal)
)]
async fn get_current_user(caller: Caller) -> ApiResult<Json<UserView>> {
    Ok(Json(caller.person("have a current user")?.clone().into()))
}
