//! Sessions of browsers: a text that stands for a key, so that the key need not lie in a browser.
//!
//! A session ends when it was not used for a while, and with its key. It outlives the server.

use hil_model::WallTime;

use crate::key::{Admission, Secret, digest};
use crate::store::now;
use crate::{KeyId, Result, Store, StoreError};

/// How long a session lasts that is not used, in milliseconds.
const LASTS: i64 = 12 * 3600 * 1000;
/// The same of a key that is good for looking only: a screen on a wall is not to ask for its key on Mondays.
const LASTS_LOOKING: i64 = 30 * 24 * 3600 * 1000;
/// How much of that may be gone before it is noted that the session was used.
const RENEWED_AFTER: i64 = 5 * 60 * 1000;
/// How many sessions a key may have; a further one ends the one that would end first.
const MOST: i64 = 64;

/// What a session opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What its key opens.
    pub admission: Admission,
    /// Whether it is time for [`Store::renew_session`].
    pub is_worn: bool,
}

const fn lasts(read_only: bool) -> i64 {
    if read_only { LASTS_LOOKING } else { LASTS }
}

fn end(read_only: bool) -> WallTime {
    WallTime::from_unix_millis(now().unix_millis().saturating_add(lasts(read_only)))
}

impl Store {
    /// Begins a session of whoever has this key. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    ///
    /// Those of [`Store::authenticate`].
    pub async fn begin_session(&self, key: &str) -> Result<Secret> {
        let secret = Secret::of_session()?;
        self.write((digest(key), digest(secret.reveal())), |link, (key, session)| {
            Box::pin(async move {
                let read_only = Admission::find(link, key).await?.read_only;
                link.execute("DELETE FROM sessions WHERE ends_at <= $1", &[now().into()]).await?;
                let id: KeyId = match link.row("SELECT id FROM keys WHERE digest = $1", &[key.into()]).await?
                {
                    Some(mut row) => row.take()?,
                    None => return Err(StoreError::KeyUnknown),
                };
                let insert = "INSERT INTO sessions (digest, key_id, ends_at) VALUES ($1, $2, $3)";
                link.execute(insert, &[session.into(), id.into(), end(read_only).into()]).await?;
                let excess = "DELETE FROM sessions WHERE key_id = $1 AND digest <> $2 AND digest NOT IN
                                  (SELECT digest FROM sessions WHERE key_id = $1 AND digest <> $2
                                   ORDER BY ends_at DESC, digest LIMIT $3)";
                link.execute(excess, &[id.into(), session.into(), (MOST - 1).into()]).await
            })
        })
        .await?;
        Ok(secret)
    }

    /// What a session opens; nothing if there is none, or none any more.
    ///
    /// # Errors
    ///
    /// Those of [`Store::authenticate`] of its key.
    pub async fn session(&self, session: &str) -> Result<Option<Session>> {
        self.read_at_once(digest(session), |link, session| {
            Box::pin(async move {
                let select = "SELECT k.digest, s.ends_at FROM sessions s JOIN keys k ON k.id = s.key_id
                              WHERE s.digest = $1 AND s.ends_at > $2";
                let Some(mut row) = link.row(select, &[session.into(), now().into()]).await? else {
                    return Ok(None);
                };
                let (key, ends_at): (String, WallTime) = (row.take()?, row.take()?);
                let admission = Admission::find(link, &key).await?;
                let left = ends_at.unix_millis().saturating_sub(now().unix_millis());
                let is_worn = lasts(admission.read_only).saturating_sub(left) > RENEWED_AFTER;
                Ok(Some(Session { admission, is_worn }))
            })
        })
        .await
    }

    /// Notes that a session was used: it ends that much later. Whether there was one.
    pub async fn renew_session(&self, session: &str) -> Result<bool> {
        self.write(digest(session), |link, session| {
            Box::pin(async move {
                let select = "SELECT k.read_only FROM sessions s JOIN keys k ON k.id = s.key_id
                              WHERE s.digest = $1 AND s.ends_at > $2";
                let Some(mut row) = link.row(select, &[session.into(), now().into()]).await? else {
                    return Ok(false);
                };
                let ends_at = end(row.take()?);
                let update = "UPDATE sessions SET ends_at = $1 WHERE digest = $2";
                link.execute(update, &[ends_at.into(), session.into()]).await.map(|renewed| renewed > 0)
            })
        })
        .await
    }

    /// Ends a session. Whether there was one.
    pub async fn end_session(&self, session: &str) -> Result<bool> {
        self.write(digest(session), |link, session| {
            Box::pin(async move {
                let delete = "DELETE FROM sessions WHERE digest = $1";
                link.execute(delete, &[session.into()]).await.map(|gone| gone > 0)
            })
        })
        .await
    }
}
