-- PostgreSQL 18 has uuidv7(). Older servers (15 to 17) get this one: 48 bits of milliseconds, version 7, variant 2,
-- the rest random (RFC 9562, section 5.7). It lies in public, so after an upgrade to 18 the built-in one is found first.
DO $$
BEGIN
  IF current_setting('server_version_num')::int < 180000 THEN
    CREATE OR REPLACE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$
      SELECT encode(
        set_bit(
          set_bit(
            overlay(uuid_send(gen_random_uuid())
              PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6),
            52, 1),
          53, 1),
        'hex')::uuid
    $f$;
  END IF;
END
$$;
