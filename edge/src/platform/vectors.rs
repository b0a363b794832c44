//! What every adapter of signatures must say of the vectors of the JOSE documents, tried on the adapter
//! itself: on [`super::memory::Memory`] by a test beside it, on `crypto.subtle` of real workerd by a route
//! of the test build.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Signatures;
use crate::identity::Algorithm;

struct Vector {
    algorithm: Algorithm,
    source: &'static str,
    jwk: &'static str,
    message: &'static str,
    signature: &'static str,
}

const VECTORS: [Vector; 5] = [
    Vector {
        algorithm: Algorithm::EdDsa,
        source: "RFC 8037, appendix A.4",
        jwk: "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPc\
             HURo\"}",
        message: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0K\
             Ag",
    },
    Vector {
        algorithm: Algorithm::ES256,
        source: "RFC 7515, appendix A.3",
        jwk: "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE\
             U\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
        message: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF\
             tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU\
             1Q",
    },
    Vector {
        algorithm: Algorithm::RS256,
        source: "RFC 7515, appendix A.2",
        jwk: "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbj\
             i9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW\
             vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB\
             EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_\
             h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}",
        message: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF\
             tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt\
             _O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL\
             IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no\
             OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ\
             Ge77Rw",
    },
    Vector {
        algorithm: Algorithm::RS256,
        source: "RFC 7520, section 4.1",
        jwk: "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPE\
             HLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2l\
             bzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpP\
             I9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbL\
             Y7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\"}",
        message: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGE\
             gZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB\
             0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmc\
             gd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
        signature: "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996i\
             vp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1u\
             SNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAh\
             b6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18\
             kDquDg",
    },
    // The RFCs have none with this algorithm. `openssl dgst -sha256 -sign` of OpenSSL 3.0 made it over the
    // payload of RFC 7515, with `rsa_padding_mode:pss`, `rsa_pss_saltlen:32` and `rsa_mgf1_md:sha256`, by a
    // key that was thrown away.
    Vector {
        algorithm: Algorithm::PS256,
        source: "OpenSSL, RSA-PSS",
        jwk: "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"uHtPp90PJle7J7TCAnz5vp_1bwhzjyNh5TOQCtrlBS9Ljxtz\
             HXyWJJwDB-Y0VwKAwYB2q0VwRBUN3tK25O2Bj6ZuTLJg1EzKOsQ1i8ZzPqOnjtAd7adz5BJBKpAlmD1b7G-9\
             eTO4dxpDMuSz_ziuHAFoyl_edf9WmcGsuJlBg8UKOk_ykxUwYBnF8X_co7K0c1561q4o6jKpa12vXGhlKfWB\
             JDz5l0MvE7umLqBRiFKXSdtEWMXp-SVnzu5ZobFkzQ1s4ULu84jkcf3ofwIB7LXvICbWvQdvF8h2zlETOH53\
             CXKe1-karOOFgZdNYgnXmuW6vkv_hV9-ez8OP8-P9w\"}",
        message: "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6L\
             y9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "WO2ftYGmVydSGfMHWKJzzTgn3CGxzaCQVPwygbAdMik7MoXPbGUAxN2pSURCzT2-sc2mpXD9G6smV\
             GLuiwQ2PA7zm5YYXETNnzf45eIJ2fURg-I83vBS2MGCFlyKY0KdcFA7Mc6HIBxnjG92O_72_I7NyhoqZH1PJ\
             IqQ5i8u1HnFoC8GEqmC73Oy2F6Mh1ofVDCre1JSlZTAhhTk6IzVsu-KZg4urBZ_BPcLiXglYB21z7n6G_LJH\
             COt3d1IJzTDIf_py-vaN9rDabFp3n918iGa2wvAhU5p0IhyfuIB1XLPDVZRHy334eKBFaYy6vgM58r-XPTlL\
             VhP7NleZZrIfA",
    },
];

/// Tries an adapter with the vectors of these algorithms, and tells what it says wrongly.
pub async fn faults<P: Signatures>(platform: &P, algorithms: &[Algorithm]) -> Vec<String> {
    let mut faults = Vec::new();
    for vector in VECTORS {
        let Vector {
            algorithm,
            source,
            jwk,
            message,
            signature,
        } = vector;
        if !algorithms.contains(&algorithm) {
            continue;
        }
        let (Ok(jwk), Ok(signature)) = (
            serde_json::from_str::<serde_json::Value>(jwk),
            URL_SAFE_NO_PAD.decode(signature),
        ) else {
            faults.push(format!("{source} can't be read"));
            continue;
        };
        let mut flipped = signature.clone();
        if let Some(last) = flipped.last_mut() {
            *last ^= 1;
        }
        let other = format!("{message}A");
        let zero = vec![0; signature.len()];
        let longer: Vec<u8> = signature.iter().copied().chain([0]).collect();
        let mut rows = vec![
            (message, algorithm, &signature, true),
            (&other, algorithm, &signature, false),
            (message, algorithm, &flipped, false),
            (message, algorithm, &zero, false),
            (message, algorithm, &longer, false),
        ];
        let empty = Vec::new();
        rows.push((message, algorithm, &empty, false));
        // A key of one algorithm is none of another.
        for another in Algorithm::ALL {
            if another != algorithm {
                rows.push((message, another, &signature, false));
            }
        }
        for (place, (message, algorithm, signature, expected)) in rows.into_iter().enumerate() {
            let message = message.as_bytes();
            let found = platform.verify(algorithm, &jwk, message, signature).await;
            if found != expected {
                let name = algorithm.as_str();
                faults.push(format!("{source}, row {place} ({name}): {found}"));
            }
        }
    }
    faults
}

/// Verifies the first vector of an algorithm so many times: for measuring, since no clock runs inside.
pub async fn repeat<P: Signatures>(platform: &P, algorithm: Algorithm, times: u32) -> bool {
    let vector = VECTORS.iter().find(|vector| vector.algorithm == algorithm);
    let Some((vector, jwk, signature)) = vector.and_then(|vector| {
        let jwk = serde_json::from_str::<serde_json::Value>(vector.jwk).ok()?;
        Some((vector, jwk, URL_SAFE_NO_PAD.decode(vector.signature).ok()?))
    }) else {
        return false;
    };
    let message = vector.message.as_bytes();
    for _ in 0..times {
        if !platform.verify(algorithm, &jwk, message, &signature).await {
            return false;
        }
    }
    true
}
