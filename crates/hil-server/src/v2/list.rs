//! Lists: pages of them, and what their queries have in common.

use std::str::FromStr;

use axum::Json;
use hil_model::run::UnknownOutcome;
use hil_store::{Direction, Listed, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct List<T> {
    data: Vec<T>,
    meta: ListMeta,
}

/// What comes after a page.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListMeta {
    /// Whether there is more.
    has_more: bool,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<u64>,
}

impl<T> List<T> {
    /// The page with every item as it goes out.
    pub(crate) fn of<S>(listed: Listed<S>, item: impl FnMut(S) -> T) -> Json<Self> {
        let meta = ListMeta { has_more: listed.has_more(), next_cursor: listed.next };
        Json(Self { data: listed.items.into_iter().map(item).collect(), meta })
    }
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortOrder {
    /// The least first.
    Asc,
    /// The greatest first.
    #[default]
    Desc,
}

impl From<SortOrder> for Direction {
    fn from(order: SortOrder) -> Self {
        match order {
            SortOrder::Asc => Self::Ascending,
            SortOrder::Desc => Self::Descending,
        }
    }
}

/// How many items a page has if nobody says.
const LIMIT: u32 = 50;

/// The page that a query asks for. The client writes the cursor of some lists as `50.0`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number that is not negative; beyond the end of any list is beyond the end"
)]
pub(crate) fn page(limit: Option<u32>, cursor: Option<f64>) -> ApiResult<Page> {
    let cursor = cursor.unwrap_or(0.0);
    if cursor.is_finite() && cursor >= 0.0 && cursor.fract() == 0.0 {
        Ok(Page::new(limit.unwrap_or(LIMIT), cursor as u64))
    } else {
        Err(ApiError::invalid("cursor: a whole number is expected"))
    }
}

/// Repeated parameters as what they stand for.
pub(crate) fn values<T>(texts: Vec<String>) -> ApiResult<Vec<T>>
where
    T: FromStr,
    ApiError: From<T::Err>,
{
    texts.iter().map(|text| text.parse().map_err(ApiError::from)).collect()
}

impl From<UnknownOutcome> for ApiError {
    fn from(error: UnknownOutcome) -> Self {
        Self::invalid(error.to_string())
    }
}

/// What is searched for; nothing but blanks is no search.
pub(crate) fn search(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
