//! Answers that hold a secret which is shown once, as they are kept with their idempotency keys.
//!
//! A retry has to get the first answer's bytes, and no secret may be kept where it could be read. So the
//! body is sealed (AES-256-GCM) under a key that derives from the origin's derivation key and from the
//! client's key: a database that is lost alone gives nothing away. The edge keeps no copy of such an
//! answer, since it is not marked as committed there; a retry comes here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use shared::idempotency::DerivationKey;

use crate::platform::Platform;
use crate::store::order::key::{Answer, KeyId};

/// Beside the fields that a replay repeats: the body is sealed, with this nonce.
const FIELD: &str = "headgate-sealed";

/// Marks a response whose body holds a secret.
#[derive(Debug, Clone, Copy)]
pub struct Secret;

/// Seals an answer. `None` if the cipher refuses, which it does for no length that is ours.
pub fn seal(
    derivation_key: &DerivationKey,
    platform: &Platform,
    id: &KeyId,
    mut answer: Answer,
) -> Option<Answer> {
    let mut nonce = [0; NONCE_LEN];
    platform.fill(&mut nonce);
    let mut body = answer.body.to_vec();
    cipher(derivation_key, id)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body)
        .ok()?;
    answer.body = body.into();
    let nonce = URL_SAFE_NO_PAD.encode(nonce);
    answer.fields.push((FIELD.to_owned(), nonce));
    Some(answer)
}

/// An answer as it is kept, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It was never sealed.
    Plain(Answer),
    /// It holds a secret.
    Secret(Answer),
    /// It was sealed under another derivation key, or changed since.
    Lost,
}

/// Opens an answer if it is sealed.
pub fn open(derivation_key: &DerivationKey, id: &KeyId, mut answer: Answer) -> Opened {
    let place = answer.fields.iter().position(|(name, _)| name == FIELD);
    let Some(place) = place else {
        return Opened::Plain(answer);
    };
    let (_, nonce) = answer.fields.remove(place);
    let opened = || {
        let nonce = URL_SAFE_NO_PAD.decode(nonce).ok()?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let mut body = answer.body.to_vec();
        let cipher = cipher(derivation_key, id)?;
        let plain = cipher.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
        Some(plain.to_vec())
    };
    match opened() {
        Some(body) => {
            answer.body = body.into();
            Opened::Secret(answer)
        }
        None => Opened::Lost,
    }
}

fn cipher(derivation_key: &DerivationKey, id: &KeyId) -> Option<LessSafeKey> {
    let key = derivation_key.answer_key(&id.account, id.mode, &id.key);
    UnboundKey::new(&AES_256_GCM, &key)
        .ok()
        .map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use shared::caller::Mode;
    use shared::idempotency::Key;

    use super::*;

    fn id(account: &str, key: &str) -> KeyId {
        KeyId {
            account: account.to_owned(),
            mode: Mode::Live,
            key: Key::from_fields(std::iter::once(key.as_bytes()))
                .unwrap()
                .unwrap(),
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_own_key_alone() {
        let ours: DerivationKey = URL_SAFE_NO_PAD.encode([7; 32]).parse().unwrap();
        let other: DerivationKey = URL_SAFE_NO_PAD.encode([8; 32]).parse().unwrap();
        let answer = Answer {
            status: 201,
            fields: vec![("location".to_owned(), "/x".to_owned())],
            body: b"{\"key\":\"hg_live_secret\"}".as_slice().into(),
        };
        let platform = Platform::system();
        let seal = || seal(&ours, &platform, &id("acme", "k"), answer.clone()).unwrap();
        let sealed = seal();
        assert!(!sealed.body.windows(6).any(|part| part == b"secret"));
        assert_ne!(sealed.body, seal().body, "a nonce each");
        let opened = open(&ours, &id("acme", "k"), sealed.clone());
        assert_eq!(opened, Opened::Secret(answer.clone()));
        for (key, whose) in [
            (&other, id("acme", "k")),
            (&ours, id("acme", "l")),
            (&ours, id("evil", "k")),
        ] {
            assert_eq!(open(key, &whose, sealed.clone()), Opened::Lost);
        }
        let plain = open(&ours, &id("acme", "k"), answer.clone());
        assert_eq!(plain, Opened::Plain(answer));
    }
}
