//! What is bound to a statement's placeholders.

use std::borrow::Cow;
use std::error::Error;

use bytes::BytesMut;
use hil_model::WallTime;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::nul;

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Param<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Param<'_> {
    /// What is not finite becomes null: SQLite has no NaN, and neither has a mean over one.
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::Real(number) } else { Self::Null }
    }
}

impl From<WallTime> for Param<'_> {
    fn from(time: WallTime) -> Self {
        Self::Int(time.unix_millis())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(nul::escape(text))
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Param<'_> {
    fn from(text: String) -> Self {
        match nul::escape(&text) {
            Cow::Borrowed(_) => Self::Text(Cow::Owned(text)),
            Cow::Owned(escaped) => Self::Text(Cow::Owned(escaped)),
        }
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere, without regard to case, in a column of keys.
pub(crate) fn pattern(text: &str) -> Param<'static> {
    format!("%{}%", literal(text)).into()
}

/// The pattern that finds what begins with `text`.
pub(crate) fn prefix(text: &str) -> Param<'static> {
    format!("{}%", literal(text)).into()
}

fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl ToSql for Param<'_> {
    #[expect(clippy::cast_precision_loss, reason = "an integer where a double is wanted is a small constant")]
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::FLOAT8 => (*number as f64).to_sql(ty, out),
            Self::Int(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Self::Real(number) if *ty == Type::FLOAT8 => number.to_sql(ty, out),
            Self::Text(text) if *ty == Type::TEXT => text.as_ref().to_sql(ty, out),
            Self::Int(_) | Self::Real(_) | Self::Text(_) => Err(format!("a statement wants a {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_foreign_signs_literally() {
        assert_eq!(pattern("50%_\\A"), Param::Text("%50\\%\\_\\\\a%".into()));
    }
}
