//! Definitions are views: a borrowed database and a record in one of its tables. They are small, `Copy`, and give
//! out names that live as long as the database.

/// A view of one kind of record that has a name.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident of $record:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'d> {
            pub(crate) database: &'d Database,
            pub(crate) record: &'d $record,
        }

        impl<'d> $name<'d> {
            /// The name in the file.
            pub fn name(self) -> &'d str {
                self.database.name(self.record.name)
            }
        }

        // The whole database would be no help.
        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.name()).finish()
            }
        }
    };
}

pub(super) use view;
