-- upsert_templates: an account's listing (one JSON array) into its rows.
-- A pause that ended is noted in unpaused_at: the platform paces such a template again, platform.md B.4.
-- Answers one row per template of the listing: whether it is new, and whether anything but the time of reading changed.
WITH listed AS (
    SELECT * FROM jsonb_to_recordset(CAST(:records AS jsonb)) AS record (
        platform_id text, namespace text, name text, language text, category text, status text, quality text,
        parameter_format text, components jsonb, ttl_seconds integer
    )
), before AS (
    SELECT template.* FROM template JOIN listed USING (name, language) WHERE template.account = :account
), written AS (
    INSERT INTO template AS kept (
        account, platform_id, namespace, name, language, category, status, quality, parameter_format, components,
        ttl_seconds, synced_at
    )
    SELECT :account, platform_id, namespace, name, language, category, status, quality, parameter_format, components,
           ttl_seconds, :now
    FROM listed
    ON CONFLICT (account, name, language) DO UPDATE SET
        platform_id = excluded.platform_id,
        namespace = excluded.namespace,
        category = excluded.category,
        -- A webhook that came while the listing was read knows better.
        status = CASE WHEN kept.synced_at > excluded.synced_at THEN kept.status ELSE excluded.status END,
        quality = excluded.quality,
        parameter_format = excluded.parameter_format,
        components = excluded.components,
        ttl_seconds = excluded.ttl_seconds,
        synced_at = GREATEST(kept.synced_at, excluded.synced_at),
        unpaused_at = CASE
            WHEN kept.status = 'PAUSED' AND excluded.status = 'APPROVED' THEN excluded.synced_at
            ELSE kept.unpaused_at
        END
    RETURNING name, language
)
SELECT before.id IS NULL AS added,
       before.id IS NOT NULL AND (
           before.status, before.category, before.quality, before.components, before.ttl_seconds
       ) IS DISTINCT FROM (
           listed.status, listed.category, listed.quality, listed.components, listed.ttl_seconds
       ) AS changed
FROM written
JOIN listed USING (name, language)
LEFT JOIN before USING (name, language)
