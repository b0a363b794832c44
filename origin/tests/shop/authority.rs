//! An authority of a test's own, which certifies servers.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// The authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, as PEM.
    pub(crate) certificate: String,
}

/// What a server shows.
pub(crate) struct Certified {
    /// The certificate, as PEM.
    pub(crate) certificate: String,
    /// Its private key, as PEM.
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut of_its_own = CertificateParams::default();
        of_its_own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        of_its_own
            .distinguished_name
            .push(DnType::CommonName, "an authority of a test");
        let certificate = of_its_own.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(of_its_own, key),
            certificate,
        }
    }

    /// Certifies a server of this name or address.
    pub(crate) fn certifies(&self, name: &str) -> Certified {
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new([name.to_owned()]).unwrap();
        Certified {
            certificate: server.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}
