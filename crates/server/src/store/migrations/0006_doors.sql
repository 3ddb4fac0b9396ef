-- What a terminal serves in the merchant's network is a part of its configuration. Until here it was asked for beside it,
-- and the keys of the configuration did nothing. What was asked for is now what the terminal's own level says: the doors of
-- every terminal of which something was asked stay as they are, whatever its wider levels say.

-- SQLite only: bodies are JSON.
UPDATE records SET
    revision = revision + 1,
    body = (
        SELECT CAST(json_set(
            CAST(records.body AS TEXT),
            '$.terminal_config',
            json_patch(
                coalesce(json_extract(CAST(records.body AS TEXT), '$.terminal_config'), '{}'),
                json_object(
                    'localApi', json_object(
                        'enabled', json(iif(coalesce(json_extract(CAST(lan.body AS TEXT), '$.local_api'), 0), 'true', 'false')),
                        'plainHttp', json(iif(coalesce(json_extract(CAST(lan.body AS TEXT), '$.open_wire'), 0), 'true', 'false'))
                    ),
                    'cashlessApi', json_object(
                        'enabled', json(iif(coalesce(json_extract(CAST(lan.body AS TEXT), '$.cashless'), 0), 'true', 'false'))
                    )
                )
            )
        ) AS BLOB)
        FROM records AS lan
        WHERE lan.kind = 'lan' AND lan.account = records.account AND lan.livemode = records.livemode AND lan.id = records.id
    )
WHERE kind = 'terminal' AND EXISTS (
    SELECT 1 FROM records AS lan
    WHERE lan.kind = 'lan' AND lan.account = records.account AND lan.livemode = records.livemode AND lan.id = records.id
);

-- What was asked for is said once.
UPDATE records SET
    revision = revision + 1,
    body = CAST(json_remove(CAST(body AS TEXT), '$.local_api', '$.open_wire', '$.cashless') AS BLOB)
WHERE kind = 'lan';
