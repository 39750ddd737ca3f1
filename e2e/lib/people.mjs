// The people of the invented county, by log-in name. `taizhang demo` prints the same list.

/** The password of every account of the demonstration; it protects invented data only. */
export const PASSWORD = 'qinghe-demo-2026';

export const PEOPLE = {
  clerk: 'township clerk: keeps the ledger of 石桥镇',
  leader: 'township leader: assigns, accepts, closes',
  discipline: 'township discipline: follows what is late, looks back',
  village: 'village committee of 马塘村: works off, hands in',
  team: 'village team of 马塘村',
  water: 'county water office: works off what is in its field',
  county: 'county rectification office: all townships',
  supervision: 'county supervision: accepts and looks back',
  admin: 'system administrator: accounts and settings',
  security: 'security administrator: grants',
  audit: 'audit administrator: the audit chain',
};
