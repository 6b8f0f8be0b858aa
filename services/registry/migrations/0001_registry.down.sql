DROP TABLE management_team, support_record, employment, person, organisation_link, organisation, municipality, region;
