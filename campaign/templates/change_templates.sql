-- change_templates: what the platform told of templates (one JSON array, in the order in which it happened).
-- A template is known by the platform's id, else by name and language; en-US and en_US are one language, platform.md D.4.
-- What is older than what we know of a template is not written: times come in whole seconds, so a second is granted.
-- Answers one row per event and template that it is about: seq, whether it came too late, and the status before.
WITH told AS (
    SELECT * FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS event (
        seq integer, account text, platform_id text, name text, language text, status text, quality text, category text,
        occurred_at timestamptz
    )
), matched AS (
    SELECT told.seq, told.status, told.quality, told.category, told.occurred_at, template.id AS template_id,
           template.status AS status_before,
           COALESCE(told.occurred_at < template.synced_at - interval '1 second', false) AS late
    FROM told JOIN template ON template.account = told.account AND (
        template.platform_id = told.platform_id
        OR (
            template.name = told.name
            AND lower(replace(template.language, '-', '_')) = lower(replace(told.language, '-', '_'))
            AND NOT EXISTS (
                SELECT FROM template AS other
                WHERE other.account = told.account AND other.platform_id = told.platform_id
            )
        )
    )
), newest AS (
    SELECT template_id,
           (array_agg(status ORDER BY seq DESC) FILTER (WHERE status IS NOT NULL))[1] AS status,
           (array_agg(quality ORDER BY seq DESC) FILTER (WHERE quality IS NOT NULL))[1] AS quality,
           (array_agg(category ORDER BY seq DESC) FILTER (WHERE category IS NOT NULL))[1] AS category,
           LEAST(max(occurred_at), :now) AS known_at
    FROM matched WHERE NOT late GROUP BY template_id
), changed AS (
    UPDATE template
    SET status = COALESCE(newest.status, template.status),
        quality = COALESCE(newest.quality, template.quality),
        category = COALESCE(newest.category, template.category),
        synced_at = GREATEST(template.synced_at, newest.known_at),
        -- A word of the platform's own ends the doubts of what its list says.
        doubts = CASE WHEN newest.status IS NULL THEN template.doubts ELSE 0 END,
        -- A pause that ended is noted: the platform paces such a template again, platform.md B.4.
        unpaused_at = CASE WHEN template.status = 'PAUSED' AND newest.status = 'APPROVED'
                           THEN COALESCE(newest.known_at, :now) ELSE template.unpaused_at END
    FROM newest WHERE template.id = newest.template_id
)
SELECT seq, late, status_before FROM matched ORDER BY seq
