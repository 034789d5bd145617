//! Removing runs.

use hil_model::RunId;

use crate::{Entity, Result, Store};

impl Store {
    /// Removes runs with everything in them, all of them or, if one does not exist, none.
    pub async fn delete_runs(&self, ids: Vec<RunId>) -> Result<()> {
        let digests = self.write(ids, |link, ids| {
            Box::pin(async move {
                let mut digests = Vec::new();
                for id in ids {
                    let select = "SELECT seq FROM runs WHERE id = $1";
                    let mut row = link.expect(select, &[id.as_str().into()], Entity::Run, id).await?;
                    let seq: i64 = row.take()?;
                    let select = "SELECT digest FROM uploads WHERE run = $1 AND digest IS NOT NULL";
                    for mut row in link.rows(select, &[seq.into()]).await? {
                        digests.push(row.take()?);
                    }
                }
                for id in ids {
                    link.execute("DELETE FROM runs WHERE id = $1", &[id.as_str().into()]).await?;
                }
                Ok(digests)
            })
        });
        let digests = digests.await?;
        self.sweep(digests).await
    }
}
