//! Which unit is part of which. A unit has one parent at most, and never contains itself.

use hil_model::run::SerialNumber;

use super::change::{Known, expect};
use crate::engine::Link;
use crate::{Result, Store, StoreError, UnitId};

/// Whoever changes the family does so alone, or two changes could close a circle between them.
const LOCK: i64 = 0x6869_6c66_616d_696c;

/// Makes `child` a part of `parent`; a child that had another parent moves.
pub(crate) async fn adopt(
    link: &mut Link,
    (parent, parent_serial): (UnitId, &SerialNumber),
    child: &Known,
) -> Result<()> {
    link.alone(LOCK).await?;
    let ancestors = "
        WITH RECURSIVE up (id, parent_id) AS (
            SELECT id, parent_id FROM units WHERE id = $1
            UNION SELECT u.id, u.parent_id FROM units u JOIN up ON u.id = up.parent_id
        ) SELECT id FROM up WHERE id = $2";
    if link.row(ancestors, &[parent.into(), child.id.into()]).await?.is_some() {
        return Err(StoreError::Cycle { parent: parent_serial.to_string(), child: child.serial.to_string() });
    }
    let params = [parent.into(), child.id.into()];
    link.execute("UPDATE units SET parent_id = $1 WHERE id = $2", &params).await.map(|_| ())
}

impl Store {
    /// Makes a unit a part of another one; answers the child's id.
    pub async fn add_child(&self, parent: SerialNumber, child: SerialNumber) -> Result<UnitId> {
        self.write((parent, child), |link, (parent, child)| {
            Box::pin(async move {
                let (parent, child) = (expect(link, parent).await?, expect(link, child).await?);
                adopt(link, (parent.id, &parent.serial), &child).await?;
                Ok(child.id)
            })
        })
        .await
    }

    /// Makes units parts of another one, all of them or, if one cannot be, none; answers the other one's id.
    pub async fn add_children(&self, parent: SerialNumber, children: Vec<SerialNumber>) -> Result<UnitId> {
        self.write((parent, children), |link, (parent, children)| {
            Box::pin(async move {
                let parent = expect(link, parent).await?;
                for child in children {
                    let child = expect(link, child).await?;
                    adopt(link, (parent.id, &parent.serial), &child).await?;
                }
                Ok(parent.id)
            })
        })
        .await
    }

    /// Takes a unit out of another one; answers the child's id.
    pub async fn remove_child(&self, parent: SerialNumber, child: SerialNumber) -> Result<UnitId> {
        self.write((parent, child), |link, (parent, child)| {
            Box::pin(async move {
                let (parent, child) = (expect(link, parent).await?, expect(link, child).await?);
                let params = [child.id.into(), parent.id.into()];
                let update = "UPDATE units SET parent_id = NULL WHERE id = $1 AND parent_id = $2";
                if link.execute(update, &params).await? == 0 {
                    let (parent, child) = (parent.serial.to_string(), child.serial.to_string());
                    return Err(StoreError::NotAChild { parent, child });
                }
                Ok(child.id)
            })
        })
        .await
    }
}
