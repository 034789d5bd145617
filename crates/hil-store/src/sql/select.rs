//! A `SELECT` whose conditions depend on what was asked for.

use std::fmt::Write as _;

use super::Param;
use crate::page::{Direction, Page};

/// A statement in the making. Its text is this crate's; foreign text can only become a parameter.
#[derive(Debug)]
pub(crate) struct Select<'a> {
    sql: String,
    params: Vec<Param<'a>>,
    filtered: bool,
}

impl<'a> Select<'a> {
    /// Begins with `SELECT … FROM …`, without any `WHERE`.
    pub(crate) fn new(head: &'static str) -> Self {
        Self { sql: head.to_owned(), params: Vec::new(), filtered: false }
    }

    /// Adds a condition; each `?` in it stands for one of `params`.
    pub(crate) fn filter<const N: usize>(&mut self, condition: &'static str, params: [Param<'a>; N]) {
        self.conjunction();
        self.fragment(condition, params);
    }

    /// Adds the condition if there is something to compare with.
    pub(crate) fn maybe(&mut self, condition: &'static str, param: Option<impl Into<Param<'a>>>) {
        if let Some(param) = param {
            self.filter(condition, [param.into()]);
        }
    }

    /// Adds `before IN (values) after`, unless there are no values, which means that all will do.
    pub(crate) fn any_of<T: Into<Param<'a>>>(
        &mut self,
        before: &'static str,
        values: impl IntoIterator<Item = T>,
        after: &'static str,
    ) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        self.conjunction();
        self.sql.push_str(before);
        let mut separator = " IN (";
        for value in values {
            self.sql.push_str(separator);
            self.bind(value.into());
            separator = ", ";
        }
        self.sql.push(')');
        self.sql.push_str(after);
    }

    /// Adds anything else: `GROUP BY`, `ORDER BY`. Each `?` in it stands for one of `params`.
    pub(crate) fn fragment<const N: usize>(&mut self, sql: &'static str, params: [Param<'a>; N]) {
        let mut params = params.into_iter();
        for (i, piece) in sql.split('?').enumerate() {
            if i > 0
                && let Some(param) = params.next()
            {
                self.bind(param);
            }
            self.sql.push_str(piece);
        }
    }

    /// Orders by `columns`, each after the one before it, and takes one row more than the page has, to see whether there
    /// are more. Two rows that are alike in all of them could change places between two pages.
    pub(crate) fn page(&mut self, columns: &[&'static str], page: &Page, direction: Direction) {
        let way = match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        for (i, column) in columns.iter().enumerate() {
            let _ = write!(self.sql, "{}{column} {way}", if i == 0 { " ORDER BY " } else { ", " });
        }
        self.sql.push_str(" LIMIT ");
        self.bind(Param::Int(page.limit() + 1));
        self.sql.push_str(" OFFSET ");
        self.bind(Param::Int(page.offset()));
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn params(&self) -> &[Param<'a>] {
        &self.params
    }

    fn conjunction(&mut self) {
        self.sql.push_str(if self.filtered { " AND " } else { " WHERE " });
        self.filtered = true;
    }

    fn bind(&mut self, param: Param<'a>) {
        self.params.push(param);
        let _ = write!(self.sql, "${}", self.params.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_in_order_and_values_stay_outside() {
        let mut select = Select::new("SELECT id FROM runs");
        select.any_of("outcome", ["PASS", "'; DROP TABLE runs"], "");
        select.any_of("station", Vec::<String>::new(), "");
        select.filter("(a = ? OR b = ?)", [Param::Int(1), Param::Int(2)]);
        select.maybe("c < ?", None::<i64>);
        select.page(&["started_at", "seq"], &Page::new(10, 20), Direction::Descending);
        assert_eq!(
            select.sql(),
            "SELECT id FROM runs WHERE outcome IN ($1, $2) AND (a = $3 OR b = $4) \
             ORDER BY started_at DESC, seq DESC LIMIT $5 OFFSET $6"
        );
        assert_eq!(select.params().len(), 6);
    }
}
