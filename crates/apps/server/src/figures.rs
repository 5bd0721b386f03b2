//! The listener's own figures for `/metrics`.

use prometheus::{Error, IntCounterVec, IntGauge, Opts, Registry};

use crate::http::Refused;

/// Connections that were not served, by the reason.
pub(crate) fn refused(registry: &Registry) -> Result<Refused, Error> {
    let help = "Connections that were not served: `untrusted` (plain HTTP from no trusted proxy), `handshake` (no TLS came about).";
    let refused = IntCounterVec::new(Opts::new("cinnabar_connections_refused_total", help), &["reason"])?;
    registry.register(Box::new(refused.clone()))?;
    Ok(Refused {
        untrusted: refused.get_metric_with_label_values(&["untrusted"])?,
        handshake: refused.get_metric_with_label_values(&["handshake"])?,
    })
}

/// The end of the certificate that is shown.
pub(crate) fn certificate_end(registry: &Registry) -> Result<IntGauge, Error> {
    let help = "When the certificate that is shown ends, in seconds since 1970.";
    let gauge = IntGauge::with_opts(Opts::new("cinnabar_tls_certificate_not_after_seconds", help))?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}
