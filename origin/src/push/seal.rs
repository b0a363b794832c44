//! Encryption of a push for one browser [RFC 8291], as one record of `aes128gcm` [RFC 8188]. The push
//! service carries it and can't read it.

use anyhow::{anyhow, ensure};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;

/// Bytes of a record: every push service takes a body of so many [RFC 8030 §7.2].
const RECORD_BYTES: u32 = 4096;
/// Longest text: what is left of them behind header (86), end mark and tag.
pub const TEXT_BYTES_MAX: usize = 4096 - 86 - 1 - 16;
/// Behind the last record's text.
const END: u8 = 2;

/// How many bytes are derived.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
) -> Result<[u8; N], Unspecified> {
    let mut derived = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(info, Length(N))?.fill(&mut derived)?;
    Ok(derived)
}

/// The body for a browser with these keys.
pub fn seal(text: &[u8], p256dh: &[u8], auth: &[u8], salt: [u8; 16]) -> anyhow::Result<Vec<u8>> {
    ensure!(text.len() <= TEXT_BYTES_MAX, "the push is too long");
    // `ring` takes its own randomness and no other, as where it makes our keys.
    let ours = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new());
    let ours = ours.map_err(|_| anyhow!("the system has no randomness"))?;
    let public = ours.compute_public_key();
    let public = public.map_err(|_| anyhow!("the push's own key has no public half"))?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, p256dh);
    let sealed = agree_ephemeral(ours, &theirs, |shared| {
        record(text, shared, p256dh, public.as_ref(), auth, salt)
    });
    match sealed {
        Ok(Ok(body)) => Ok(body),
        _ => Err(anyhow!("the browser's key is none")),
    }
}

/// The body, by a secret that both sides know.
fn record(
    text: &[u8],
    shared: &[u8],
    theirs: &[u8],
    ours: &[u8],
    auth: &[u8],
    salt: [u8; 16],
) -> Result<Vec<u8>, Unspecified> {
    let secret: [u8; 32] = derive(auth, shared, &[b"WebPush: info\0", theirs, ours])?;
    let key: [u8; 16] = derive(&salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derive(&salt, &secret, &[b"Content-Encoding: nonce\0"])?;
    let mut record = text.to_vec();
    record.push(END);
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?).seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut record,
    )?;
    let mut body = salt.to_vec();
    body.extend(RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(ours.len()).map_err(|_| Unspecified)?);
    body.extend(ours);
    body.extend(record);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    const THEIRS: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    #[test]
    fn the_standards_own_example_comes_out() {
        // RFC 8291, section 5 and appendix A.
        let body = record(
            b"When I grow up, I want to be a watermelon",
            &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            &bytes(THEIRS),
            &bytes(
                "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
            ),
            &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
            bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
        );
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body.unwrap()), expected);
    }

    #[test]
    fn what_can_not_be_sealed_is_an_error() {
        let (theirs, auth) = (bytes(THEIRS), [1; 16]);
        let longest = vec![b'x'; TEXT_BYTES_MAX];
        let body = seal(&longest, &theirs, &auth, [2; 16]).unwrap();
        assert_eq!(body.len(), 4096);
        assert!(seal(&[longest, vec![b'x']].concat(), &theirs, &auth, [2; 16]).is_err());
        // Of a point's form, and on no curve.
        let mut nowhere = [0; 65];
        nowhere[0] = 4;
        assert!(seal(b"x", &nowhere, &auth, [2; 16]).is_err());
    }
}
