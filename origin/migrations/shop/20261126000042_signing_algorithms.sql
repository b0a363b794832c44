-- Keys of a second algorithm. An ES256 key is kept as PKCS #8, its public half as an uncompressed point.
alter table signing_keys add column algorithm text not null default 'EdDSA'
    constraint signing_keys_algorithm_known check (algorithm in ('EdDSA', 'ES256'));
alter table signing_keys alter column algorithm drop default;
alter table signing_keys drop constraint signing_keys_secret_length;
alter table signing_keys drop constraint signing_keys_public_length;
alter table signing_keys add constraint signing_keys_lengths check (
    case algorithm when 'EdDSA' then length(secret) = 32 and length(public_key) = 32
                   else length(public_key) = 65 end);
-- When the last token that it signed for longer than usual expires; usual ones need no note.
alter table signing_keys add column tokens_until timestamptz;
