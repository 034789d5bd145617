//! The adapter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hil_model::Clock;

use super::request::{Receiving, Request, Sending};
use super::session::{Outcome, Session};
use super::{McmSettings, answer, complaint};
use crate::{BootLoad, Capabilities, ChecksumModel, Frame, Header, LinError, LinMaster, Response, WakePulse};

/// The adapter's name, as the configuration spells it.
pub(super) const NAME: &str = "mcm";

/// A Melexis Compact Master on the network (LIN-06).
///
/// A connection that breaks fails the request in flight; the next one connects once more, switches the
/// unit's power on again if it was on, and goes on.
pub struct McmMaster {
    settings: McmSettings,
    clock: Arc<dyn Clock>,
    session: Option<Session>,
}

impl McmMaster {
    /// The device of `settings`, not connected yet. The unit's boot time passes on `clock`.
    pub fn new(settings: McmSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, session: None }
    }

    /// Asks the device, over a new connection if the old one broke before.
    fn ask(&mut self, request: &Request<'_>, limit: Duration) -> Result<(&mut Session, Outcome), LinError> {
        let clock = &*self.clock;
        let session = self.session.as_mut().ok_or(LinError::NotConnected { adapter: NAME })?;
        let mut outcome = session.ask(request, limit, clock)?;
        if let Outcome::NotSent = outcome {
            let broke = session.broke().to_owned();
            // Who switches the power anyway need not have it switched on first.
            let restore = session.is_powered() && !matches!(request, Request::Power(_));
            reopen(session, &self.settings, clock, restore, &broke)?;
            outcome = session.ask(request, limit, clock)?;
        }
        Ok((session, outcome))
    }

    /// Asks for something that has no answer but that it is done.
    fn command(&mut self, request: &Request<'_>, limit: Duration) -> Result<(), LinError> {
        let (session, outcome) = self.ask(request, limit)?;
        session.answer(request, outcome).map(drop)
    }

    /// Switches off what was switched on, and closes the connection.
    ///
    /// The unit must not stay powered because the network had a hiccup, so this is tried twice: a device
    /// that does not answer is asked again over a new connection, as is one whose connection broke.
    fn leave(&self, mut session: Session) -> Result<(), LinError> {
        if !session.is_powered() {
            return Ok(());
        }
        let (limit, clock) = (self.settings.request_timeout, &*self.clock);
        let why = match session.power(false, limit, clock) {
            Err(LinError::AdapterLost { .. }) => session.broke().to_owned(),
            Err(error @ LinError::Timeout { .. }) => error.to_string(),
            result => return result,
        };
        reopen(&mut session, &self.settings, clock, false, &why)?;
        session.power(false, limit, clock)
    }
}

/// Connects once more because of what happened `before`. The unit's power is as it was; `restore` switches it on again,
/// for a device that has restarted.
fn reopen(
    session: &mut Session,
    settings: &McmSettings,
    clock: &dyn Clock,
    restore: bool,
    before: &str,
) -> Result<(), LinError> {
    tracing::warn!("mcm: {before}; connecting again");
    let powered = session.is_powered();
    let again = || {
        let mut session = Session::open(settings, clock)?.powered(powered);
        if restore {
            session.power(true, settings.request_timeout, clock)?;
            clock.sleep(settings.boot_settle);
        }
        Ok(session)
    };
    *session = again().map_err(|error| {
        let why = match error {
            LinError::Unavailable { reason, .. } | LinError::Unusable { reason, .. } => reason,
            error => error.to_string(),
        };
        let reason = format!("{before}, and it cannot be connected again: {why}");
        LinError::AdapterLost { adapter: NAME, reason }
    })?;
    tracing::warn!("mcm: connected again");
    Ok(())
}

impl LinMaster for McmMaster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { wake_up: true, raw_checksum: true, powers_ecu: true, boot_loader: true }
    }

    /// [`LinError::Unavailable`] when there is nothing at the address; [`LinError::Unusable`] when it is not the pinned
    /// device, or none of this kind.
    fn connect(&mut self) -> Result<(), LinError> {
        if self.session.as_ref().is_some_and(Session::is_open) {
            return Ok(());
        }
        let mut session = Session::open(&self.settings, &*self.clock)?;
        if let (None, Some(shown)) = (self.settings.fingerprint, session.certificate()) {
            let address = &self.settings.address;
            tracing::warn!("mcm: no fingerprint is pinned, so {address} may show any certificate: {shown}");
        }
        if let Err(error) = session.power(true, self.settings.request_timeout, &*self.clock) {
            // It may be on all the same. What went wrong first is what counts.
            let _ = self.leave(session);
            return Err(error);
        }
        self.session = Some(session);
        self.clock.sleep(self.settings.boot_settle);
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        self.session.take().map_or(Ok(()), |session| self.leave(session))
    }

    /// That it is `Ok` does not mean that a slave took the frame: firmware v0.1 does not check the echo.
    /// That the device ran out of time is [`LinError::Refused`], as nobody has to answer what is sent.
    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        let sending = Sending::new(frame, checksum, self.settings.bitrate)?;
        self.command(&Request::Send(sending), self.settings.request_timeout)
    }

    /// The device waits 150 ms for a whole response, whatever `timeout` is. A response that breaks off
    /// looks to it like none.
    fn receive(&mut self, header: Header, _timeout: Duration) -> Result<Response, LinError> {
        let request = Request::Receive(Receiving::new(header, self.settings.bitrate)?);
        let (session, outcome) = self.ask(&request, self.settings.request_timeout)?;
        let payload = match outcome {
            Outcome::Complaint(text) if complaint::means_no_response(&text) => return Ok(Response::None),
            outcome => session.answer(&request, outcome)?,
        };
        let data = answer::data(&payload).map_err(|what| LinError::Garbled { adapter: NAME, what })?;
        match data.len() {
            got if got == header.length => Ok(Response::Data(data)),
            got if got < header.length => {
                Err(LinError::Incomplete { id: header.id, data, expected: header.length })
            }
            got => {
                let what = format!("{got} bytes ({data}) where {} were asked for", header.length);
                Err(LinError::Garbled { adapter: NAME, what })
            }
        }
    }

    fn wake_up(&mut self, pulse: WakePulse) -> Result<(), LinError> {
        self.command(&Request::WakeUp(pulse), self.settings.request_timeout)
    }

    /// Does not wait for the unit to boot.
    fn power_ecu(&mut self, on: bool) -> Result<(), LinError> {
        self.command(&Request::Power(on), self.settings.request_timeout)
    }

    fn boot_load(&mut self, job: &BootLoad) -> Result<(), LinError> {
        self.command(&Request::Load(job), self.settings.boot_load_timeout)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let Some(session) = &self.session else { return Vec::new() };
        let identity = session.identity();
        [
            ("model", identity.model.clone()),
            ("firmware", identity.firmware.clone()),
            ("api_rev", identity.api_rev.map(|rev| rev.to_string())),
            ("certificate", session.certificate().map(|shown| shown.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, fact)| Some((name, fact?)))
        .collect()
    }
}

impl Drop for McmMaster {
    fn drop(&mut self) {
        // Nobody said good-bye: the unit's power is switched off if that is possible at once.
        if let Some(session) = self.session.take_if(|session| session.is_open())
            && let Err(error) = self.leave(session)
        {
            tracing::warn!("mcm: the unit may still be powered: {error}");
        }
    }
}

impl fmt::Debug for McmMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connected = self.session.as_ref().is_some_and(Session::is_open);
        f.debug_struct("McmMaster")
            .field("address", &self.settings.address)
            .field("connected", &connected)
            .finish_non_exhaustive()
    }
}
