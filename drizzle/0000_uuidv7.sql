-- PostgreSQL 18 has uuidv7(). Older servers (15 to 17) get this one: 48 bits of milliseconds, version 7, 12 bits of the
-- fraction of the millisecond so that ids follow time as they do on 18, variant 2, the rest random (RFC 9562, 5.7 and
-- 6.2 method 3). It lies in public, so after an upgrade to 18 the built-in one is found first.
DO $$
BEGIN
  IF current_setting('server_version_num')::int < 180000 THEN
    CREATE OR REPLACE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$
      SELECT encode(
        substring(int8send(us / 1000) FROM 3)
          || int2send((28672 + (us % 1000) * 4096 / 1000)::int2)
          || substring(uuid_send(gen_random_uuid()) FROM 9),
        'hex')::uuid
      FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS now
    $f$;
  END IF;
END
$$;
