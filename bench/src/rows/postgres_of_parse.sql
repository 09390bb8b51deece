DO $$ DECLARE ours text; BEGIN
    FOR ours IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
        AND (indexname ~ '__(created|readers|public|token|user)$' OR indexname ~ '^_Join:.*_owner$' OR indexname ~ '_folded_')
    LOOP EXECUTE format('DROP INDEX %I', ours); END LOOP; END $$;

ANALYZE;
