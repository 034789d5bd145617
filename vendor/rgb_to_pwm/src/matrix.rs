//! Three by three is all that colours need.

pub(crate) type Vector = [f64; 3];

/// A matrix, by its columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Matrix(pub(crate) [Vector; 3]);

impl Matrix {
    /// The matrix times `vector`.
    pub(crate) fn times(&self, vector: Vector) -> Vector {
        let [a, b, c] = self.0;
        [0, 1, 2].map(|row| a[row] * vector[0] + b[row] * vector[1] + c[row] * vector[2])
    }

    /// The inverse, unless the columns lie in a plane.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let [a, b, c] = self.0;
        let rows = [cross(b, c), cross(c, a), cross(a, b)];
        let determinant = dot(a, rows[0]);
        if determinant.abs() < 1e-12 || !determinant.is_finite() {
            return None;
        }
        let [p, q, r] = rows.map(|row| row.map(|value| value / determinant));
        Some(Self([[p[0], q[0], r[0]], [p[1], q[1], r[1]], [p[2], q[2], r[2]]]))
    }

    /// The same with its columns multiplied by `factors`.
    pub(crate) fn scaled(&self, factors: Vector) -> Self {
        let [a, b, c] = self.0;
        Self([a.map(|v| v * factors[0]), b.map(|v| v * factors[1]), c.map(|v| v * factors[2])])
    }
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
