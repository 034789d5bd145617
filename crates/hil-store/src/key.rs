//! Keys: what people and stations show to a server.

use std::fmt;

use hil_model::WallTime;
use sha2::{Digest as _, Sha256};

use crate::engine::Link;
use crate::station::StationBrief;
use crate::store::now;
use crate::user::User;
use crate::{Entity, KeyId, Result, StationId, Store, StoreError, UserId};

/// A key, or a session, in the clear: 160 random bits. It can be read once, when it is made; the store has nothing but
/// its hash.
pub struct Secret(String);

impl Secret {
    fn generate() -> Result<Self> {
        Ok(Self(format!("hil_{}", hex(&Self::random()?))))
    }

    /// That of a session, which does not look like a key, and is none.
    pub(crate) fn of_session() -> Result<Self> {
        Ok(Self(hex(&Self::random()?)))
    }

    fn random() -> Result<[u8; 20]> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Busy { source: Some(error.into()) })?;
        Ok(bytes)
    }

    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key is random enough that nobody finds it by trying, so that a plain hash will do.
pub(crate) fn digest(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes()))
}

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// A person's.
    User(UserId),
    /// A station's.
    Station(StationId),
}

/// Whom a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person.
    User(User),
    /// A station.
    Station(StationBrief),
}

impl Principal {
    /// The same as who does something.
    pub fn actor(&self) -> crate::Actor {
        match self {
            Self::User(user) => crate::Actor::User(user.id),
            Self::Station(station) => crate::Actor::Station(station.id),
        }
    }
}

/// What a key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whom it stands for.
    pub principal: Principal,
    /// Whether it is good for looking only.
    pub read_only: bool,
}

impl Admission {
    /// What the key with this hash opens.
    pub(crate) async fn find(link: &mut Link, digest: &str) -> Result<Self> {
        let select = "
            SELECT k.expires_at, k.read_only, s.id, s.name,
                   u.id, u.email, u.name, u.image, u.role, u.banned, u.created_at
            FROM keys k LEFT JOIN users u ON u.id = k.user_id
                 LEFT JOIN stations s ON s.id = k.station_id AND s.name_key IS NOT NULL
            WHERE k.digest = $1";
        let Some(mut row) = link.row(select, &[digest.into()]).await? else {
            return Err(StoreError::KeyUnknown);
        };
        if row.take::<Option<WallTime>>()?.is_some_and(|expires_at| expires_at <= now()) {
            return Err(StoreError::KeyExpired);
        }
        let read_only = row.take()?;
        if let Some(station) = StationBrief::take(&mut row)? {
            return Ok(Admission { principal: Principal::Station(station), read_only });
        }
        // A station that was archived has neither.
        match User::take(&mut row) {
            Ok(user) if !user.banned => Ok(Admission { principal: Principal::User(user), read_only }),
            Ok(_) | Err(_) => Err(StoreError::KeyUnknown),
        }
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id, by which it is revoked.
    pub id: KeyId,
    /// Whose it is.
    pub owner: KeyOwner,
    /// When it was made.
    pub created_at: WallTime,
    /// When it ends, if it does.
    pub expires_at: Option<WallTime>,
    /// Whether it is good for looking only.
    pub read_only: bool,
}

impl Store {
    /// Makes a key. The secret is in the answer and nowhere else.
    pub async fn create_key(&self, owner: KeyOwner, expires_at: Option<WallTime>) -> Result<(Key, Secret)> {
        self.insert_key(Key { id: KeyId::fresh(), owner, created_at: now(), expires_at, read_only: false })
            .await
    }

    /// Makes a key that is good for looking only.
    pub async fn create_read_only_key(
        &self,
        owner: KeyOwner,
        expires_at: Option<WallTime>,
    ) -> Result<(Key, Secret)> {
        self.insert_key(Key { id: KeyId::fresh(), owner, created_at: now(), expires_at, read_only: true })
            .await
    }

    async fn insert_key(&self, key: Key) -> Result<(Key, Secret)> {
        let secret = Secret::generate()?;
        let args = (key.clone(), digest(secret.reveal()));
        self.write(args, |link, (key, digest)| {
            Box::pin(async move {
                let (user, station) = match key.owner {
                    KeyOwner::User(id) => (Some(id), None),
                    KeyOwner::Station(id) => (None, Some(id)),
                };
                match key.owner {
                    KeyOwner::User(id) => {
                        link.expect("SELECT id FROM users WHERE id = $1", &[id.into()], Entity::User, id)
                            .await?;
                    }
                    KeyOwner::Station(id) => {
                        let select = "SELECT id FROM stations WHERE id = $1 AND name_key IS NOT NULL";
                        link.expect(select, &[id.into()], Entity::Station, id).await?;
                    }
                }
                link.execute(
                    "INSERT INTO keys (id, digest, user_id, station_id, created_at, expires_at, read_only)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[
                        key.id.into(),
                        digest.into(),
                        user.into(),
                        station.into(),
                        key.created_at.into(),
                        key.expires_at.into(),
                        key.read_only.into(),
                    ],
                )
                .await
            })
        })
        .await?;
        Ok((key, secret))
    }

    /// Whom a key stands for, and what it is good for.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyUnknown`], also for a revoked key and for somebody who is banned; [`StoreError::KeyExpired`].
    pub async fn authenticate(&self, key: &str) -> Result<Admission> {
        self.read_at_once(digest(key), |link, digest| Box::pin(Admission::find(link, digest))).await
    }

    /// All keys, in the order in which they were made.
    pub async fn keys(&self) -> Result<Vec<Key>> {
        self.read((), |link, ()| {
            Box::pin(async move {
                let select = "SELECT id, user_id, station_id, created_at, expires_at, read_only FROM keys ORDER BY created_at, id";
                let mut keys = Vec::new();
                for mut row in link.rows(select, &[]).await? {
                    let id = row.take()?;
                    let owner = match (row.take()?, row.take()?) {
                        (Some(user), _) => KeyOwner::User(user),
                        (None, Some(station)) => KeyOwner::Station(station),
                        (None, None) => return Err(StoreError::damaged("a key without owner")),
                    };
                    let (created_at, expires_at, read_only) = (row.take()?, row.take()?, row.take()?);
                    keys.push(Key { id, owner, created_at, expires_at, read_only });
                }
                Ok(keys)
            })
        })
        .await
    }

    /// Makes a key invalid for good. Whether there was one.
    pub async fn revoke_key(&self, id: KeyId) -> Result<bool> {
        self.write(id, |link, id| {
            Box::pin(async move {
                link.execute("DELETE FROM keys WHERE id = $1", &[(*id).into()]).await.map(|gone| gone > 0)
            })
        })
        .await
    }
}
