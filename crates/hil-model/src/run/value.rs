//! What was measured: one value, or columns of them.

/// A measured value. Numbers may be NaN or infinite.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum MeasuredValue {
    /// Nothing was set.
    #[default]
    Unset,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// Anything else that JSON can say: an object, a list, null, an integer that no double holds.
    Json(serde_json::Value),
    /// Columns of values.
    Series(Series),
}

impl MeasuredValue {
    /// Whether nothing was set.
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Unset | Self::Text(_) | Self::Bool(_) | Self::Json(_) | Self::Series(_) => None,
        }
    }
}

/// A multi-dimensional series: columns side by side, the measured one last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The columns. They need not be of one length: foreign clients send them one by one.
    pub axes: Vec<Axis>,
}

impl Series {
    /// How many rows there are: the length of the longest column.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.data.len()).max().unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, each with one cell a column; a column that is too short has none.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Option<&Cell>>> {
        (0..self.len()).map(|row| self.axes.iter().map(|axis| axis.data.get(row)).collect())
    }
}

/// One column of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What the column holds.
    pub name: Option<String>,
    /// The unit of its values, as its symbol.
    pub unit: Option<String>,
    /// What the test's author says about it.
    pub description: Option<String>,
    /// The values.
    pub data: Vec<Cell>,
    /// What the column was held against.
    pub validators: Vec<super::Validator>,
    /// What was computed over it.
    pub aggregations: Vec<super::Aggregation>,
}

/// One value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number; NaN and the infinities are numbers.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// Nothing.
    Null,
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_uneven_columns_have_holes() {
        let series = Series {
            axes: vec![
                Axis { data: vec![1.0.into(), 2.0.into()], ..Axis::default() },
                Axis { data: vec!["CPU".into()], ..Axis::default() },
            ],
        };
        let rows: Vec<_> = series.rows().collect();
        assert_eq!(rows, [vec![Some(&1.0.into()), Some(&"CPU".into())], vec![Some(&2.0.into()), None]]);
    }
}
