"""What both databases share. Nothing in it imports a driver.

    group_commit          collects commands, and decides a group of them
    staging               from a change to the rows that it writes
    unit_of_work          what a group has decided, on top of the committed state
    committed_state       series, lines, ends of chains and catalogues in memory
    tables                the tables, with columns and keys
    rows                  values and the rows that keep them, both ways
    statements            the statements that write a group's rows
    store_base            what both stores do in the same way
    database_store        what a store in one database offers to others
    tokens                tokens, with a cache in front of the database
    fences                fences that keep a store from serving a tenant
    provisioning          series and catalogue items that the configuration wants
    document_conditions   a filter on documents as conditions on columns
    ledger_pages          the ledger in pages
    chain_ends            the ends of ledger chains, and since when they are what they are
    consistency           the checks that tables agree
    tenant_rows           everything that one tenant has, as rows
    initial_rows          the rows that a new tenant begins with
    tenant_records        tenants made at run time, snapshots, a tenant's contents
    transfer              a tenant on its way into a store or out of one

sqlite/ and postgres/ have files of the same name where they do the same job:

    store                 the ports of the core
    connection            a connection with the settings that the store needs
    documents             answers questions about documents
    consistency           ledger pages and verification
    transfer              tenants into the database and out of it
"""
