//! People.

use std::fmt;
use std::str::FromStr;

use hil_model::WallTime;

use crate::sql::{Cell, FromCell, Row};
use crate::store::now;
use crate::{Entity, Result, Store, StoreError, UserId};

/// An e-mail address, by which people are known. Matching ignores case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Email {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        let good = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && matches!(text.split_once('@'), Some((name, host)) if !name.is_empty() && host.contains('.') && !host.contains('@'));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(StoreError::Invalid { field: "email", problem: format!("{text:?} is not an address") })
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, users and keys too.
    Admin,
    /// Everything but users and keys.
    Member,
}

impl Role {
    const fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

impl FromCell for Role {
    fn from_cell(cell: Cell) -> Result<Self> {
        match String::from_cell(cell)?.as_str() {
            "admin" => Ok(Self::Admin),
            "member" => Ok(Self::Member),
            other => Err(StoreError::damaged(format!("{other:?} is no role"))),
        }
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address.
    pub email: String,
    /// The name, if anybody said it.
    pub name: Option<String>,
    /// A picture, if there is one.
    pub image: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whether their keys are refused.
    pub banned: bool,
    /// Since when they are known.
    pub created_at: WallTime,
}

/// As much of a person as goes with what they made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserBrief {
    /// The id.
    pub id: UserId,
    /// The name, if anybody said it.
    pub name: Option<String>,
    /// The address.
    pub email: String,
}

impl UserBrief {
    /// From the columns id, name, email, all of them empty if there is nobody.
    pub(crate) fn take(row: &mut Row) -> Result<Option<Self>> {
        let (id, name, email) = (row.take()?, row.take()?, row.take::<Option<String>>()?);
        Ok(Option::zip(id, email).map(|(id, email)| Self { id, name, email }))
    }
}

const COLUMNS: &str = "SELECT id, email, name, image, role, banned, created_at FROM users";

impl User {
    pub(crate) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            email: row.take()?,
            name: row.take()?,
            image: row.take()?,
            role: row.take()?,
            banned: row.take()?,
            created_at: row.take()?,
        })
    }
}

impl Store {
    /// The person with that address, who is entered if not yet known.
    pub async fn ensure_user(&self, email: Email, name: Option<String>, role: Role) -> Result<User> {
        self.write((email, name, role), |link, (email, name, role)| {
            Box::pin(async move {
                let select = format!("{COLUMNS} WHERE email_key = $1");
                if let Some(mut row) = link.row(&select, &[email.key().into()]).await? {
                    return User::take(&mut row);
                }
                let user = User {
                    id: UserId::fresh(),
                    email: email.0.clone(),
                    name: name.clone(),
                    image: None,
                    role: *role,
                    banned: false,
                    created_at: now(),
                };
                link.execute(
                    "INSERT INTO users (id, email, email_key, name, role, banned, created_at)
                     VALUES ($1, $2, $3, $4, $5, 0, $6)",
                    &[
                        user.id.into(),
                        email.as_str().into(),
                        email.key().into(),
                        name.as_ref().into(),
                        role.word().into(),
                        user.created_at.into(),
                    ],
                )
                .await?;
                Ok(user)
            })
        })
        .await
    }

    /// A person.
    pub async fn user(&self, id: UserId) -> Result<User> {
        self.read(id, |link, id| {
            Box::pin(async move {
                let select = format!("{COLUMNS} WHERE id = $1");
                User::take(&mut link.expect(&select, &[(*id).into()], Entity::User, id).await?)
            })
        })
        .await
    }

    /// Everybody, in the order in which they were entered.
    pub async fn users(&self) -> Result<Vec<User>> {
        self.read((), |link, ()| {
            Box::pin(async move {
                let rows = link.rows(&format!("{COLUMNS} ORDER BY created_at, id"), &[]).await?;
                rows.into_iter().map(|mut row| User::take(&mut row)).collect()
            })
        })
        .await
    }

    /// Refuses somebody's keys from now on, or takes them again.
    pub async fn ban_user(&self, id: UserId, banned: bool) -> Result<()> {
        self.write((id, banned), |link, &(id, banned)| {
            Box::pin(async move {
                let params = [banned.into(), id.into()];
                match link.execute("UPDATE users SET banned = $1 WHERE id = $2", &params).await? {
                    0 => Err(StoreError::not_found(Entity::User, id.to_string())),
                    _ => Ok(()),
                }
            })
        })
        .await
    }
}
