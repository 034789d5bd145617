//! Making a connection.

use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use super::{PostgresLink, meaning};
use crate::{Result, StoreError};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(10);

/// What every connection begins with. A server that acknowledges before it has written would break the promise
/// that nothing acknowledged is lost; a stricter setting than `on` stays.
const SETTINGS: &str = "
    SET client_min_messages = warning;
    SET statement_timeout = '60s';
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '120s';
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') IN ('off', 'local');";

pub(super) async fn connect(config: &Config) -> Result<PostgresLink> {
    if config.get_ssl_mode() == SslMode::Require {
        return Err(StoreError::Unreachable {
            source: "TLS to PostgreSQL is not built in: use sslmode=prefer".into(),
        });
    }
    let mut config = config.clone();
    if config.get_application_name().is_none() {
        config.application_name("hil");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTING);
    }
    let connecting = tokio::time::timeout(CONNECTING * 2, config.connect(NoTls)).await;
    let (client, connection) = match connecting {
        Ok(connected) => connected.map_err(|error| StoreError::Unreachable { source: error.into() })?,
        Err(elapsed) => return Err(StoreError::Unreachable { source: elapsed.into() }),
    };
    // Ends when the client is dropped, or the server goes away; then the client says so.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    });
    client.batch_execute(SETTINGS).await.map_err(meaning)?;
    Ok(PostgresLink::new(client))
}
