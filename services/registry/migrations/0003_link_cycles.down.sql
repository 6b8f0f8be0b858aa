DROP TRIGGER refuse_cycle_updated ON organisation_link;
DROP TRIGGER refuse_cycle_inserted ON organisation_link;
DROP FUNCTION organisation_link_refuse_cycle();
